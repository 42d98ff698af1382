// The frames that were sent and not answered yet: each has its hour.

/** No answer for so long, and the connection is given up and made again: it may be dead without saying so. */
export const ANSWER_MS = 8_000;
/** For a 'later, please' that does not say when. */
const LATER_MS = 3_000;
/** Errors that say: later, the same frame, please. */
const LATER = new Set(["slow_down", "not_durable"]);

export function isLater(code: string): boolean {
  return LATER.has(code);
}

export class Unanswered {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly giveUp: () => void) {}

  /** It went out: an answer is due. */
  sent(cid: string): void {
    this.set(cid, ANSWER_MS, this.giveUp);
  }

  /** The server wants it again after a while. */
  again(cid: string, ms: number | undefined, send: () => void): void {
    this.set(cid, ms ?? LATER_MS, send);
  }

  settled(cid: string): void {
    clearTimeout(this.timers.get(cid));
    this.timers.delete(cid);
  }

  /** The connection is gone: nothing is due on it any more. */
  forget(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private set(cid: string, ms: number, then: () => void): void {
    clearTimeout(this.timers.get(cid));
    this.timers.set(cid, setTimeout(then, ms));
  }
}
