// One socket that is meant to be open: it comes back by itself, for ever, with jitter, and says how it is doing.
// It knows nothing of what is said; `hello` and everything after are the caller's.

/** `waiting`: the next attempt is due at `retryAt`. `refused`: the server says not to come back by itself. */
export type LinkState =
  | { is: "idle" }
  | { is: "connecting" }
  | { is: "open" }
  | { is: "waiting"; retryAt: number; code: number }
  | { is: "refused"; code: number };

export interface LinkEvents<Incoming> {
  /** The socket is open: send `hello`. */
  opened(): void;
  received(frame: Incoming): void;
  changed(state: LinkState): void;
}

/** Milliseconds: first and longest pause between attempts. The pause is drawn between half and whole. */
export const FIRST_PAUSE = 500;
export const LONGEST_PAUSE = 20_000;
/** An overloaded server is asked later. */
export const OVERLOADED_PAUSE = 5_000;

/** Close codes after which the same client would only be refused again: sign in, mend, or leave it to the newer tab. */
const REFUSED = new Set([1003, 1007, 1008, 4401, 4403, 4409]);

/** The pause before attempt number `attempt` (0, 1, 2 …); `chance` is in [0, 1). */
export function pause(attempt: number, code: number, chance: number): number {
  const base = code === 1013 ? OVERLOADED_PAUSE : FIRST_PAUSE;
  const whole = Math.min(LONGEST_PAUSE, base * 2 ** Math.min(attempt, 10));
  return whole / 2 + (whole / 2) * chance;
}

export class Link<Incoming, Outgoing> {
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private wanted = false;
  state: LinkState = { is: "idle" };

  constructor(
    private readonly url: string,
    private readonly events: LinkEvents<Incoming>,
  ) {
    // Both are hints, not proofs: the pause ends early, or the state is told before a timeout would find out.
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  /** Opens, if it is not open or opening; after `refused` too. */
  open(): void {
    this.wanted = true;
    if (this.socket === undefined) this.connect();
  }

  /** Closes and stays closed. */
  close(): void {
    this.wanted = false;
    this.forget(1000);
    this.set({ is: "idle" });
  }

  /** The peer does not answer: gives the socket up and opens another. */
  drop(): void {
    if (this.socket === undefined) return;
    this.forget(4000);
    this.later(1006);
  }

  /** Whether it went out. Not going out is no error: what must arrive is kept by the caller until it is answered. */
  send(frame: Outgoing): boolean {
    if (this.state.is !== "open" || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** The peer has answered: the next pause is short again. */
  settled(): void {
    this.attempt = 0;
  }

  private hurry(): void {
    if (this.state.is === "waiting") this.connect();
  }

  private connect(): void {
    clearTimeout(this.timer);
    this.set({ is: "connecting" });
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.url, "relais.v1");
    } catch {
      // A content security policy that lacks this server throws in some browsers.
      this.later(1006);
      return;
    }
    this.socket = socket;
    // Every handler asks first whether the socket is still the one in use: a late event of an old one is nobody's.
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.set({ is: "open" });
      this.events.opened();
    };
    socket.onmessage = (message) => {
      if (this.socket !== socket || typeof message.data !== "string") return;
      let frame: Incoming;
      try {
        frame = JSON.parse(message.data) as Incoming;
      } catch {
        return;
      }
      this.events.received(frame);
    };
    socket.onclose = (closed) => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      if (REFUSED.has(closed.code)) {
        this.wanted = false;
        this.set({ is: "refused", code: closed.code });
      } else if (this.wanted) {
        this.later(closed.code);
      } else {
        this.set({ is: "idle" });
      }
    };
  }

  private later(code: number): void {
    const ms = pause(this.attempt++, code, Math.random());
    this.set({ is: "waiting", retryAt: Date.now() + ms, code });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), ms);
  }

  private forget(code: number): void {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = undefined;
    socket?.close(code);
  }

  private set(state: LinkState): void {
    this.state = state;
    this.events.changed(state);
  }
}

/** The address of a socket on the server that serves `base` (http → ws, https → wss). */
export function socketUrl(base: string, path: string): string {
  const url = new URL(path, base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** A random id for a frame: the same `cid` is one event, for ever. */
export function newCid(): string {
  // Not randomUUID: that exists in secure contexts only, and a shop's test site may be plain http.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
