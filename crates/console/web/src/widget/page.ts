// The page that the widget is on, as far as it is anybody's business.

/** Without query and fragment: those may hold what nobody should read. */
export function page(): { url: string; title: string; referrer?: string } {
  const title = document.title.slice(0, 200);
  const here = { url: plain(location.href), title };
  try {
    return document.referrer === "" ? here : { ...here, referrer: plain(document.referrer) };
  } catch {
    // Not an address: not worth telling.
    return here;
  }
}

function plain(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.slice(0, 1000);
}
