// <relais-chat>: the custom element, its shadow root, its attributes, methods and events.

import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { Launcher } from "./launcher.tsx";
import { Talk, type Told } from "./talk.ts";
import { language, type Texts, texts } from "./texts/index.ts";
import css from "./widget.css?inline";

/** Where the script came from is the server, unless the element says otherwise. */
let home = location.origin;
export function setHome(origin: string): void {
  home = origin;
}

let sheet: CSSStyleSheet | undefined;

export class RelaisChat extends HTMLElement {
  private talk: Talk | undefined;
  private readonly opened = signal(false);
  private readonly announced = signal({ count: 0, text: "" });
  private stop: (() => void) | undefined;
  private identity: string | undefined;

  connectedCallback(): void {
    if (this.talk !== undefined) return;
    const lang = language(this.getAttribute("lang"), document.documentElement.lang, navigator.language);
    const server = new URL(this.getAttribute("server") ?? home, location.href).origin;
    const t = texts(lang);
    const talk = new Talk({ site: this.getAttribute("site") ?? "", lang, server }, (told) => this.tell(told, t));
    this.talk = talk;
    if (this.identity !== undefined) talk.identify(this.identity);

    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (sheet === undefined) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    root.adoptedStyleSheets = [sheet];
    render(
      <Launcher talk={talk} t={t} lang={lang} opened={this.opened} announced={this.announced} open={() => this.open()} minimise={() => this.close()} />,
      root,
    );

    // Whoever waits for it may call the methods from now on.
    queueMicrotask(() => this.dispatchEvent(new CustomEvent("ready", { bubbles: true, composed: true })));
    // No socket before it is wanted, unless a conversation is under way.
    if (talk.kept) talk.open();
    if (talk.kept && wasOpen(this.id)) this.opened.value = true;
    this.stop = effect(() => {
      // Reading needs an open panel on a page that is seen.
      if (this.opened.value && talk.events.value.length > 0 && document.visibilityState === "visible") queueMicrotask(() => talk.read());
    });
    document.addEventListener("visibilitychange", this.seen);
  }

  disconnectedCallback(): void {
    // Moving an element disconnects and connects it in one go: only one that stays away is taken down.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.stop?.();
      this.talk?.dispose();
      this.talk = undefined;
      document.removeEventListener("visibilitychange", this.seen);
      if (this.shadowRoot !== null) render(null, this.shadowRoot);
    });
  }

  /** Opens the panel. */
  open(): void {
    if (this.talk === undefined) return;
    this.talk.open();
    if (this.opened.value) return;
    this.opened.value = true;
    rememberOpen(this.id, true);
    this.dispatchEvent(new CustomEvent("open", { bubbles: true, composed: true }));
  }

  /** Reduces it to its button; the conversation goes on. */
  close(): void {
    this.opened.value = false;
    rememberOpen(this.id, false);
    this.shadowRoot?.querySelector<HTMLElement>(".launcher")?.focus();
  }

  /** Who the visitor is, in a JWT signed by the site's own server. */
  identify(jwt: string): void {
    this.identity = jwt;
    this.talk?.identify(jwt);
  }

  /** Forgets the visitor and their conversation on this browser. */
  reset(): void {
    this.opened.value = false;
    this.identity = undefined;
    this.announced.value = { count: 0, text: "" };
    this.talk?.reset();
  }

  private readonly seen = () => {
    if (this.opened.value && document.visibilityState === "visible") this.talk?.read();
  };

  private tell(told: Told, t: Texts): void {
    if (told.type === "message") {
      const { name, text } = told.detail;
      // The same words twice are two announcements.
      this.announced.value = { count: this.announced.value.count + 1, text: name === undefined ? text : t.pair(name, text) };
    }
    this.dispatchEvent(new CustomEvent(told.type, { detail: told.detail, bubbles: true, composed: true }));
  }
}

const OPEN_KEY = "relais:open";

/** Whether this tab had it open before a reload. */
function wasOpen(id: string): boolean {
  try {
    return sessionStorage.getItem(OPEN_KEY + id) !== null;
  } catch {
    return false;
  }
}

function rememberOpen(id: string, open: boolean): void {
  try {
    if (open) sessionStorage.setItem(OPEN_KEY + id, "");
    else sessionStorage.removeItem(OPEN_KEY + id);
  } catch {
    // Refused: it will be closed after a reload.
  }
}
