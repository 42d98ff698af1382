// The console's pictures, drawn with one stroke; the words beside or behind them carry the meaning.

const PATHS = {
  transfer: "M4 9h13l-4-4M20 15H7l4 4",
  bot: "M8 8h8a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3v-5a3 3 0 0 1 3-3zM12 8V4.5M9.5 12.5v1.5M14.5 12.5v1.5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  panel: "M4.5 5h15v14h-15zM14.5 5v14",
  back: "M14.5 6l-6 6 6 6",
  menu: "M5 7h14M5 12h14M5 17h14",
  bell: "M6.5 16V11a5.5 5.5 0 0 1 11 0v5l1.5 1.5H5zM10.5 20.5h3",
  mute: "M6.5 16V11a5.5 5.5 0 0 1 11 0v5l1.5 1.5H5zM10.5 20.5h3M4 4l16 16",
  send: "M12 19V5.5M5.5 12 12 5.5l6.5 6.5",
  search: "M10.5 4.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM15 15l4.5 4.5",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
};

export function Icon({ of }: { of: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[of]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 20c3 0 4-8 8-8s3 8 6 8 4-4 4-8" />
    </svg>
  );
}
