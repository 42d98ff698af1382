// A WebSocket that a test holds by its other end. For tests alone: nothing of it is built into a page.

import { act } from "@testing-library/preact";

export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  /** Every socket that was opened, in order. */
  static all: FakeSocket[] = [];

  readyState = FakeSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  /** What the client has sent, parsed, since it was last taken. */
  private sent: Record<string, unknown>[] = [];
  closedWith: number | undefined;

  constructor(
    readonly url: string,
    readonly protocol?: string,
  ) {
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    const last = FakeSocket.all.at(-1);
    if (last === undefined) throw new Error("no socket was opened");
    return last;
  }

  static install(): void {
    FakeSocket.all = [];
    globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket;
  }

  send(text: string): void {
    if (this.readyState !== FakeSocket.OPEN) throw new Error("sent on a socket that is not open");
    this.sent.push(JSON.parse(text));
  }

  close(code = 1000): void {
    this.readyState = FakeSocket.CLOSED;
    this.closedWith = code;
  }

  // The test's end

  opens(): this {
    this.readyState = FakeSocket.OPEN;
    act(() => this.onopen?.());
    return this;
  }

  says(...frames: object[]): this {
    act(() => {
      for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
    });
    return this;
  }

  closes(code: number): void {
    this.readyState = FakeSocket.CLOSED;
    act(() => this.onclose?.({ code }));
  }

  /** What came since the last time one asked. */
  take(): Record<string, unknown>[] {
    return this.sent.splice(0);
  }

  taken(type: string): Record<string, unknown> {
    const frames = this.take();
    const found = frames.find((frame) => frame["type"] === type);
    if (found === undefined) throw new Error(`no ${type} among ${JSON.stringify(frames)}`);
    return found;
  }
}
