// The keyboard: one key each, silent while something is written, and all of them can be turned off.

import type { App, Mode } from "./app-state.ts";
import { isMine } from "./desk.ts";
import type { Texts } from "./texts/index.ts";

export type Shortcut = keyof Texts["shortcuts"]["list"];

/** What each does, in the order of the list; `leave` and `send` work where one writes and are told here only. */
export const KEYS: Record<Shortcut, string> = {
  next: "j",
  previous: "k",
  accept: "a",
  decline: "d",
  reply: "r",
  note: "n",
  transfer: "t",
  close: "e",
  bot: "b",
  search: "s",
  details: "z",
  board: "v",
  help: "?",
  leave: "Esc",
  send: "↵, Ctrl ↵",
};

export function listen(app: App): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!app.singleKeys.value || app.dialog.value !== undefined || isWriting(event.target)) return;
    const found = (Object.keys(KEYS) as Shortcut[]).find((name) => KEYS[name] === event.key);
    if (found === undefined || !run(app, found)) return;
    event.preventDefault();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}

export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
}

/** Whether it had something to do. */
function run(app: App, shortcut: Shortcut): boolean {
  const offer = app.offers.value[0];
  const current = app.current.value;
  const mine = current !== undefined && isMine(current, app.session.advisor);
  switch (shortcut) {
    case "next":
      app.step(1);
      return true;
    case "previous":
      app.step(-1);
      return true;
    case "accept":
      if (offer !== undefined) void app.accept(offer.offer, offer.conversation);
      return offer !== undefined;
    case "decline":
      if (offer !== undefined) app.dialog.value = { decline: offer.offer };
      return offer !== undefined;
    case "reply":
    case "note":
      if (mine) write(app, shortcut);
      return mine;
    case "transfer":
    case "close":
    case "bot":
      if (mine) app.dialog.value = shortcut;
      return mine;
    case "search":
      document.getElementById("search")?.focus();
      return true;
    case "details":
      app.details.value = !app.details.value;
      return true;
    case "board":
      if (app.supervisor.value) app.board.value = !app.board.value;
      return app.supervisor.value;
    case "help":
      app.dialog.value = "shortcuts";
      return true;
    case "leave":
    case "send":
      return false;
  }
}

function write(app: App, mode: Mode): void {
  app.mode.value = mode;
  // The other field is drawn first.
  requestAnimationFrame(() => document.getElementById("write")?.focus());
}
