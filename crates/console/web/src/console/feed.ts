// The advisor's socket: the desk as a signal, requests as promises, messages that are kept until they are answered.

import { batch, computed, signal } from "@preact/signals";
import { Link, type LinkState, newCid, socketUrl } from "../link.ts";
import type { AdvisorEvent, AdvisorFrame, AdvisorRequest, AdvisorServerFrame, ErrorFrame, GoneWhy } from "../wire.ts";
import { apply, type Desk, welcome } from "./desk.ts";
import { ANSWER_MS, isLater, Unanswered } from "../unanswered.ts";
import { recall, remember } from "./storage.ts";

/** Words on their way: a message or a note, kept over lost connections and reloads. */
export type Kept = Extract<AdvisorRequest, { type: "message" | "note" }> & { at: number };

export interface Notices {
  offered(offer: { offer: string; conversation: string }): void;
  offerGone(offer: string, why: GoneWhy): void;
  /** The server has set us to a break. */
  setAway(): void;
  said(conversation: string): void;
  /** A colleague has named one in a note. */
  called(conversation: string, by: string): void;
  /** A sentence of the server's about something that nobody waits for an answer to. */
  complained(sentence: string): void;
}

/** Why a request had no effect. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Asked {
  resolve: () => void;
  reject: (why: Refused) => void;
  timer: ReturnType<typeof setTimeout>;
}

const TYPING_EVERY_MS = 3_000;
/** A typing sign that is not repeated ends by itself. */
export const TYPING_MS = 8_000;

export class Feed {
  readonly desk = signal<Desk | undefined>(undefined);
  readonly link = signal<LinkState>({ is: "idle" });
  readonly ready = signal(false);
  readonly outbox = signal<readonly Kept[]>([]);
  /** Words that were refused for good, with the server's sentence. */
  readonly failed = signal<readonly (Kept & { problem: string })[]>([]);
  /** Read up to, by conversation. */
  readonly read = signal<Readonly<Record<string, number>>>({});
  readonly signedOut = computed(() => this.link.value.is === "refused" && (this.link.value as { code: number }).code === 4401);

  private readonly socket: Link<AdvisorServerFrame, AdvisorFrame>;
  private readonly asked = new Map<string, Asked>();
  private readonly unanswered = new Unanswered(() => this.socket.drop());
  private readonly typedAt = new Map<string, number>();
  private readonly writing = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly key: string;

  constructor(
    server: string,
    private readonly me: string,
    private readonly lang: () => string,
    private readonly notices: Notices,
    /** Said to a request that is cut off with its connection. */
    private readonly lost: () => string,
  ) {
    this.key = `outbox:${me}`;
    this.outbox.value = recall<Kept[]>(this.key, []).filter((k) => typeof k?.cid === "string");
    this.socket = new Link(socketUrl(server, "/ws/advisor"), {
      opened: () => this.socket.send({ type: "hello", lang: this.lang() }),
      received: (frame) => batch(() => this.receive(frame)),
      changed: (state) => this.linkChanged(state),
    });
  }

  open(): void {
    this.socket.open();
  }

  close(): void {
    this.socket.close();
  }

  /** Another language: sentences come worded, so the snapshot is asked for again. */
  again(): void {
    if (this.link.value.is === "idle") return;
    this.socket.close();
    this.socket.open();
  }

  /** Asks; resolves when the server has done it, rejects with its sentence. */
  ask(request: AdvisorRequest): Promise<void> {
    const ref = newCid();
    return new Promise((resolve, reject) => {
      if (!this.send({ ...request, ref })) {
        reject(new Refused("lost", this.lost()));
        return;
      }
      const timer = setTimeout(() => this.socket.drop(), ANSWER_MS);
      this.asked.set(ref, { resolve, reject, timer });
    });
  }

  say(conversation: string, text: string): void {
    this.keep({ type: "message", conversation, cid: newCid(), text, at: Date.now() });
  }

  note(conversation: string, text: string, mentions: string[]): void {
    const note: Kept = { type: "note", conversation, cid: newCid(), text, at: Date.now() };
    this.keep(mentions.length > 0 ? { ...note, mentions } : note);
  }

  discard(failed: Kept): void {
    this.failed.value = this.failed.value.filter((f) => f.cid !== failed.cid);
  }

  typing(conversation: string, on: boolean): void {
    const now = Date.now();
    const last = this.typedAt.get(conversation) ?? 0;
    if (on ? now - last < TYPING_EVERY_MS : last === 0) return;
    this.typedAt.set(conversation, on ? now : 0);
    this.send({ type: "typing", conversation, on });
  }

  markRead(conversation: string): void {
    const seq = this.desk.value?.conversations.get(conversation)?.events.at(-1)?.seq ?? 0;
    if (seq <= (this.read.value[conversation] ?? 0)) return;
    this.read.value = { ...this.read.value, [conversation]: seq };
    this.send({ type: "seen", conversation, seq });
  }

  private keep(frame: Kept): void {
    this.outbox.value = [...this.outbox.value, frame];
    remember(this.key, this.outbox.value);
    this.typedAt.set(frame.conversation, 0);
    this.transmit(frame);
  }

  private transmit({ at: _, ...frame }: Kept): void {
    if (this.send(frame)) this.unanswered.sent(frame.cid);
  }

  private send(frame: AdvisorFrame): boolean {
    return this.ready.value && this.socket.send(frame);
  }

  private receive(frame: AdvisorServerFrame): void {
    if (frame.type === "ack") {
      this.settle(frame.cid);
      this.answer(frame.ref)?.resolve();
      return;
    }
    if (frame.type === "error") {
      this.refused(frame);
      return;
    }
    if (frame.type === "welcome") {
      this.desk.value = welcome(frame, Date.now());
      this.ready.value = true;
      this.socket.settled();
      for (const kept of this.outbox.value) this.transmit(kept);
      return;
    }
    const before = this.desk.value;
    if (before === undefined) return;
    this.desk.value = apply(before, frame, Date.now());
    this.notice(frame, before);
  }

  private notice(frame: AdvisorServerFrame, before: Desk): void {
    switch (frame.type) {
      case "offer":
        if (!before.offers.has(frame.offer)) this.notices.offered(frame);
        return;
      case "offer_gone":
        if (before.offers.has(frame.offer)) this.notices.offerGone(frame.offer, frame.why);
        return;
      case "presence":
        if (frame.advisor === this.me && frame.status === "away" && before.me.status === "available") this.notices.setAway();
        return;
      case "event": {
        const after = this.desk.value?.conversations.get(frame.conversation);
        if (after === before.conversations.get(frame.conversation)) return;
        if (frame.kind === "message" && frame.from === "customer") this.notices.said(frame.conversation);
        this.noticeCall(frame);
        if (frame.cid !== undefined) this.settle(frame.cid);
        return;
      }
      case "conversation":
        // A note that names somebody brings them the whole conversation.
        if (!before.conversations.has(frame.conversation)) this.noticeCall(frame.events.at(-1));
        return;
      case "typing":
        if (frame.from === "customer") this.expireTyping(frame.conversation, frame.on);
        return;
      default:
        return;
    }
  }

  /** A colleague has named one in a note. */
  private noticeCall(event: AdvisorEvent | undefined): void {
    if (event?.kind !== "note" || event.advisor === this.me || event.mentions?.includes(this.me) !== true) return;
    this.notices.called(event.conversation, event.advisor);
  }

  private expireTyping(conversation: string, on: boolean): void {
    clearTimeout(this.writing.get(conversation));
    if (!on) return;
    const end = () => {
      const desk = this.desk.value;
      if (desk !== undefined) this.desk.value = apply(desk, { type: "typing", conversation, from: "customer", on: false }, Date.now());
    };
    this.writing.set(conversation, setTimeout(end, TYPING_MS));
  }

  private settle(cid: string | undefined): Kept | undefined {
    if (cid === undefined) return undefined;
    this.unanswered.settled(cid);
    const kept = this.outbox.value.find((k) => k.cid === cid);
    if (kept === undefined) return undefined;
    this.outbox.value = this.outbox.value.filter((k) => k !== kept);
    remember(this.key, this.outbox.value);
    return kept;
  }

  private answer(ref: string | undefined): Asked | undefined {
    const asked = ref === undefined ? undefined : this.asked.get(ref);
    if (ref === undefined || asked === undefined) return undefined;
    clearTimeout(asked.timer);
    this.asked.delete(ref);
    return asked;
  }

  private refused(error: ErrorFrame): void {
    const asked = this.answer(error.ref);
    if (asked !== undefined) {
      asked.reject(new Refused(error.code, error.message));
      return;
    }
    if (error.cid === undefined) {
      this.notices.complained(error.message);
      return;
    }
    if (isLater(error.code)) {
      const kept = this.outbox.value.find((k) => k.cid === error.cid);
      if (kept !== undefined) this.unanswered.again(kept.cid, error.retry_ms, () => this.transmit(kept));
      return;
    }
    const kept = this.settle(error.cid);
    if (kept !== undefined) this.failed.value = [...this.failed.value, { ...kept, problem: error.message }];
  }

  private linkChanged(state: LinkState): void {
    if (state.is !== "open") {
      this.ready.value = false;
      this.unanswered.forget();
      // What was asked may or may not have been done: the next snapshot will say.
      for (const { reject, timer } of this.asked.values()) {
        clearTimeout(timer);
        reject(new Refused("lost", this.lost()));
      }
      this.asked.clear();
    }
    this.link.value = state;
  }
}
