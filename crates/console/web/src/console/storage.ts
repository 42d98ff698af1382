// What the console keeps on this machine: drafts, words on their way, preferences. Never a credential.

const PREFIX = "relais-console:";

export function recall<T>(key: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + key);
    if (text === null) return otherwise;
    const found: unknown = JSON.parse(text);
    // Of the same kind at least: an older version may have left something else.
    const alike = typeof found === typeof otherwise && Array.isArray(found) === Array.isArray(otherwise) && found !== null;
    return alike ? (found as T) : otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Refused or full: it lasts as long as the page.
  }
}
