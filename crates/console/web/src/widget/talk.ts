// One visitor's side of a conversation: what was said, what is not yet sent, who has it. No page in here.

import { batch, computed, signal } from "@preact/signals";
import { Link, type LinkState, newCid, socketUrl } from "../link.ts";
import type {
  Availability,
  CustomerEvent,
  CustomerFrame,
  CustomerRequest,
  CustomerServerFrame,
  CustomerWelcome,
  ErrorFrame,
  OwnerWord,
  Site,
  Wait,
} from "../wire.ts";
import { isLater, Unanswered } from "../unanswered.ts";
import { Keeper, type Memory, type Pending } from "./memory.ts";
import { page } from "./page.ts";

export interface TalkOptions {
  site: string;
  lang: string;
  /** The server's address, as `https://chat.example.org`. */
  server: string;
}

/** What the page around the widget may listen to. */
export type Told =
  | { type: "conversation"; detail: { conversation: string } }
  | { type: "message"; detail: { from: string; name?: string; text: string } }
  | { type: "availability"; detail: { availability: Availability } };

/** A request that the server has refused for good, with its sentence. */
export interface Failed extends Pending {
  problem: string;
}

/** A typing sign that is not repeated ends by itself. */
export const TYPING_MS = 8_000;
/** 'Is writing' is repeated no more often than this. */
const TYPING_EVERY_MS = 3_000;

/** Errors that say that the conversation takes no more. */
const OVER = new Set(["closed", "conversation_full"]);

export class Talk {
  readonly link = signal<LinkState>({ is: "idle" });
  readonly events = signal<readonly CustomerEvent[]>([]);
  readonly outbox = signal<readonly Pending[]>([]);
  readonly failed = signal<readonly Failed[]>([]);
  readonly owner = signal<{ word: OwnerWord; name?: string }>({ word: "bot" });
  readonly availability = signal<Availability>("open");
  readonly position = signal<{ ahead: number | null; wait: Wait | null } | null>(null);
  readonly typing = signal<{ name?: string } | null>(null);
  readonly site = signal<Site>({ id: "", name: "", texts: {} });
  readonly draft = signal("");
  /** What stands in the form for leaving a message, not sent yet. */
  readonly address = signal("");
  readonly words = signal("");
  /** Somebody is filling that form in: it stays, whoever comes. */
  readonly leaving = computed(() => this.address.value !== "" || this.words.value !== "");
  /** The survey was asked and, as far as the server knows, not answered. */
  readonly asked = signal(false);
  readonly surveyed = signal(false);
  readonly left = signal<string | null>(null);
  readonly seen = signal(0);
  /** What a person of the house has read up to, where they say so. */
  readonly seenByAdvisor = signal(0);
  /** `hello` is answered: requests go out at once. */
  readonly ready = signal(false);

  readonly closed = computed(() => this.owner.value.word === "closed");
  readonly surveyAsked = computed(() => this.asked.value && !this.surveyed.value);
  readonly humanAsked = computed(() => this.outbox.value.some((p) => p.frame.type === "human"));
  readonly unread = computed(
    () => this.events.value.filter((e) => e.kind === "message" && e.from !== "customer" && e.seq > this.seen.value).length,
  );
  /** The events up to this one are history: they are not announced. */
  history = 0;

  private readonly keeper: Keeper;
  private readonly socket: Link<CustomerServerFrame, CustomerFrame>;
  private readonly unwatch: () => void;
  private conversation: string | undefined;
  private token: string | undefined;
  private epoch: string | undefined;
  private identity: string | undefined;
  private readonly unanswered = new Unanswered(() => this.socket.drop());
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private typedAt = 0;

  constructor(
    private readonly options: TalkOptions,
    private readonly tell: (told: Told) => void,
  ) {
    this.keeper = new Keeper(`relais:${options.site}@${options.server}`);
    this.recall(this.keeper.read());
    this.unwatch = this.keeper.watch((memory) => this.otherTab(memory));
    this.socket = new Link(socketUrl(options.server, "/ws/customer"), {
      opened: () => this.hello(),
      received: (frame) => batch(() => this.receive(frame)),
      changed: (state) => this.linkChanged(state),
    });
  }

  /** Whether a conversation is kept from before: then the socket is worth opening at once. */
  get kept(): boolean {
    return this.conversation !== undefined;
  }

  open(): void {
    if (!this.ready.value) this.socket.open();
  }

  /** For a widget that is taken out of the page. */
  dispose(): void {
    this.unwatch();
    this.socket.close();
  }

  say(text: string): void {
    const trimmed = text.trim();
    if (trimmed === "") return;
    this.type("");
    this.request({ type: "message", cid: newCid(), text: trimmed });
  }

  askHuman(): void {
    if (!this.humanAsked.value) this.request({ type: "human", cid: newCid() });
  }

  /** An address for a later answer, or a number to call, from a moment on (in milliseconds since 1970). */
  leaveMessage(address: string, text: string, call?: { from?: number }): void {
    const words = { cid: newCid(), ...(text.trim() === "" ? {} : { text: text.trim() }) };
    this.request(call === undefined ? { type: "leave_message", address, ...words } : { type: "callback", number: address, ...call, ...words });
    this.left.value = address;
    this.keeper.write({ left: address });
  }

  answerSurvey(satisfaction: number, listened: number | undefined, comment: string): void {
    this.request({
      type: "survey",
      cid: newCid(),
      satisfaction,
      ...(listened === undefined ? {} : { listened }),
      ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
    });
    this.surveyed.value = true;
    this.keeper.write({ surveyed: true });
  }

  end(): void {
    this.request({ type: "close", cid: newCid() });
  }

  /** Leaves the closed conversation behind, and keeps its proof so that nobody has to explain anything twice. */
  startAgain(): void {
    const { conversation, token } = this;
    const draft = this.draft.value;
    this.clear();
    this.keeper.forget();
    if (conversation !== undefined && token !== undefined) this.keeper.write({ previous: { conversation, token }, draft });
    this.draft.value = draft;
    this.socket.close();
    this.socket.open();
  }

  /** Forgets this visitor: for a site's own 'sign out'. */
  reset(): void {
    this.socket.close();
    this.clear();
    this.identity = undefined;
    this.keeper.forget();
  }

  /** The site vouches for who this is, with a JWT. */
  identify(identity: string): void {
    if (identity === this.identity) return;
    this.identity = identity;
    if (this.link.value.is === "open") {
      this.socket.close();
      this.socket.open();
    }
  }

  /** The draft has changed; an advisor sees that something is being written, not what. */
  type(draft: string): void {
    this.draft.value = draft;
    this.keeper.write({ draft });
    const now = Date.now();
    const on = draft !== "";
    if (this.owner.value.word !== "advisor" || (on && now - this.typedAt < TYPING_EVERY_MS)) return;
    this.typedAt = on ? now : 0;
    this.send({ type: "typing", on });
  }

  /** Everything that is there has been read. */
  read(): void {
    const last = this.events.value.at(-1)?.seq ?? 0;
    if (last <= this.seen.value) return;
    this.seen.value = last;
    if (this.kept) this.keeper.write({ seen: last });
    this.send({ type: "seen", seq: last });
  }

  /** Takes a refused message back into the composer. */
  edit(failed: Failed): void {
    this.discard(failed);
    if (failed.frame.type === "message") this.type(failed.frame.text);
  }

  discard(failed: Failed): void {
    this.failed.value = this.failed.value.filter((f) => f !== failed);
  }

  private request(frame: CustomerRequest): void {
    const outbox = [...this.keeper.read().outbox, { at: Date.now(), frame }];
    // From here on there is something to come back to: the conversation is kept.
    this.keeper.write({ outbox, ...this.proof() });
    this.outbox.value = outbox;
    this.socket.open();
    if (this.ready.value) this.transmit(frame);
  }

  private proof(): { conversation?: string; token?: string } {
    const { conversation, token } = this;
    return conversation !== undefined && token !== undefined ? { conversation, token } : {};
  }

  private transmit(frame: CustomerRequest): void {
    if (this.send(frame)) this.unanswered.sent(frame.cid);
  }

  /** Before `hello` is answered nothing but `hello` may go out. */
  private send(frame: CustomerFrame): boolean {
    return this.ready.value && this.socket.send(frame);
  }

  private hello(): void {
    const { site, lang } = this.options;
    const last = this.events.value.at(-1)?.seq;
    const previous = this.keeper.read().previous;
    this.socket.send({
      type: "hello",
      site,
      lang,
      ...this.proof(),
      // Without the events there is nothing to go on from: the server then sends all of them.
      ...(this.kept && this.epoch !== undefined && last !== undefined ? { epoch: this.epoch, seq: last } : {}),
      ...(this.identity === undefined ? {} : { identity: this.identity }),
      ...(!this.kept && previous !== undefined ? { previous } : {}),
      page: page(),
    });
  }

  private receive(frame: CustomerServerFrame): void {
    switch (frame.type) {
      case "welcome":
        return this.welcomed(frame);
      case "event":
        return this.happened(frame);
      case "ack":
        return this.answered(frame.cid, frame.seq);
      case "position":
        this.position.value = { ahead: frame.ahead, wait: frame.wait_s };
        return;
      case "availability":
        return this.available(frame.availability);
      case "typing":
        if (frame.from !== "customer") this.writes(frame.on ? { ...(frame.name === undefined ? {} : { name: frame.name }) } : null);
        return;
      case "seen":
        if (frame.from === "advisor") this.seenByAdvisor.value = Math.max(this.seenByAdvisor.value, frame.seq);
        return;
      case "error":
        return this.refused(frame);
    }
  }

  private welcomed(frame: CustomerWelcome): void {
    if (frame.conversation !== this.conversation || !frame.resumed) this.events.value = [];
    if (frame.conversation !== this.conversation) {
      this.surveyed.value = false;
      this.left.value = null;
      this.seen.value = 0;
      if (this.kept) this.keeper.write({ surveyed: undefined, left: undefined, seen: 0 });
    }
    const known = this.keeper.read();
    this.conversation = frame.conversation;
    this.token = frame.token;
    this.epoch = frame.epoch;
    this.history = frame.seq;
    if (known.conversation !== undefined || known.outbox.length > 0) this.keeper.write(this.proof());
    this.setOwner(frame.owner, frame.name);
    this.asked.value = frame.survey_open;
    this.site.value = frame.site;
    this.ready.value = true;
    this.available(frame.availability);
    this.socket.settled();
    this.tell({ type: "conversation", detail: { conversation: frame.conversation } });
    for (const { frame: kept } of this.outbox.value) this.transmit(kept);
  }

  private happened(event: CustomerEvent): void {
    if (event.conversation !== this.conversation) return;
    const events = this.events.value.filter((e) => e.seq !== event.seq);
    events.push(event);
    // Nearly always already in order; one that came late finds its place.
    if ((events.at(-2)?.seq ?? 0) > event.seq) events.sort((a, b) => a.seq - b.seq);
    this.events.value = events;
    if (event.cid !== undefined) this.settle(event.cid);
    switch (event.kind) {
      case "message":
        if (event.from === "customer") return;
        this.writes(null);
        if (event.seq > this.history) {
          const { from, name, text } = event;
          this.tell({ type: "message", detail: { from, text, ...(name === undefined ? {} : { name }) } });
        }
        return;
      case "owner":
        return this.setOwner(event.owner, event.name);
      case "closed":
        return this.setOwner("closed");
      case "survey_asked":
        this.asked.value = true;
        return;
    }
  }

  private setOwner(word: OwnerWord, name?: string): void {
    // `welcome` names no one: the last owner event does.
    const said = name ?? (word === "advisor" ? lastAdvisor(this.events.value) : undefined);
    this.owner.value = said === undefined ? { word } : { word, name: said };
    if (word !== "queue" && word !== "offered") this.position.value = null;
    if (word !== "advisor") this.writes(null);
  }

  private available(availability: Availability): void {
    this.availability.value = availability;
    this.tell({ type: "availability", detail: { availability } });
  }

  private writes(who: { name?: string } | null): void {
    clearTimeout(this.typingTimer);
    this.typing.value = who;
    if (who !== null) this.typingTimer = setTimeout(() => (this.typing.value = null), TYPING_MS);
  }

  private answered(cid: string | undefined, seq: number | undefined): void {
    if (cid === undefined) return;
    const pending = this.settle(cid);
    if (pending?.frame.type !== "message" || seq === undefined || this.conversation === undefined) return;
    if (this.events.value.some((e) => e.seq === seq)) return;
    // The event itself may come after its `ack`; it will take this one's place.
    const { text } = pending.frame;
    const { conversation } = this;
    this.happened({ conversation, seq, at: pending.at, cid, kind: "message", from: "customer", text });
  }

  /** The server has it, or will never take it: it leaves the outbox. */
  private settle(cid: string): Pending | undefined {
    this.unanswered.settled(cid);
    const kept = this.keeper.read().outbox;
    const pending = kept.find((p) => p.frame.cid === cid);
    if (pending === undefined) return undefined;
    const outbox = kept.filter((p) => p !== pending);
    this.keeper.write({ outbox });
    this.outbox.value = outbox;
    return pending;
  }

  private refused(error: ErrorFrame): void {
    const { cid } = error;
    if (cid === undefined) {
      if (!this.ready.value) this.helloRefused(error);
      return;
    }
    if (isLater(error.code)) {
      const frame = this.outbox.value.find((p) => p.frame.cid === cid)?.frame;
      if (frame !== undefined) this.unanswered.again(cid, error.retry_ms, () => this.transmit(frame));
      return;
    }
    const pending = this.settle(cid);
    if (pending === undefined) return;
    if (pending.frame.type === "survey") this.forgetSurvey();
    if (OVER.has(error.code)) {
      this.setOwner("closed");
      if (pending.frame.type === "message") this.type(pending.frame.text);
      return;
    }
    if (pending.frame.type === "leave_message" || pending.frame.type === "callback") {
      this.left.value = null;
      this.keeper.write({ left: undefined });
    }
    this.failed.value = [...this.failed.value, { ...pending, problem: error.message }];
  }

  private forgetSurvey(): void {
    this.surveyed.value = false;
    this.keeper.write({ surveyed: undefined });
  }

  private helloRefused(error: ErrorFrame): void {
    // Not the visitor is refused, but the page: the server closes, and what is kept stays for when that is mended.
    if (error.code === "forbidden") {
      console.warn(
        `Relais: ${location.origin} may not carry the widget of site "${this.options.site}". ` +
          `If the page is yours, add "${location.origin}" to \`origins\` of [sites.${this.options.site}] in the server's configuration.`,
      );
    } else if (error.code === "unknown_site") {
      console.warn(`Relais: ${this.options.server} has no site "${this.options.site}": the page's \`data-site\` (or \`site\`) must be one of its configuration's.`);
    }
    if (error.code !== "unauthorised" && error.code !== "unknown_conversation") return;
    this.loseProof();
    this.socket.drop();
  }

  /** What we came with is not accepted: the identity first, else the conversation; the messages stay. */
  private loseProof(): boolean {
    if (this.identity !== undefined) {
      this.identity = undefined;
      console.warn("Relais: the identity was refused; the visitor goes on without it.");
      return true;
    }
    if (!this.kept && this.keeper.read().previous === undefined) return false;
    const { outbox, draft } = this.keeper.read();
    this.clear();
    this.keeper.forget();
    this.recall(this.keeper.write({ outbox, draft }));
    return true;
  }

  private linkChanged(state: LinkState): void {
    if (state.is !== "open") {
      this.ready.value = false;
      this.unanswered.forget();
      this.writes(null);
    }
    this.link.value = state;
    if (state.is === "refused" && state.code === 4401 && this.loseProof()) this.socket.open();
  }

  private otherTab(memory: Memory): void {
    batch(() => {
      this.outbox.value = memory.outbox;
      this.surveyed.value = memory.surveyed === true;
      this.left.value = memory.left ?? null;
      this.seen.value = Math.max(this.seen.value, memory.seen);
      if (!document.hasFocus()) this.draft.value = memory.draft;
    });
    if (memory.conversation === this.conversation) return;
    // Opened here and nothing said yet, while nothing is kept anywhere: nothing to do.
    if (memory.conversation === undefined && this.events.value.every((e) => e.kind !== "message" || e.from !== "customer")) return;
    const open = this.link.value.is !== "idle";
    this.socket.close();
    this.clear();
    this.recall(memory);
    if (open) this.socket.open();
  }

  private recall(memory: Memory): void {
    this.conversation = memory.conversation;
    this.token = memory.token;
    this.outbox.value = memory.outbox;
    this.draft.value = memory.draft;
    this.surveyed.value = memory.surveyed === true;
    this.left.value = memory.left ?? null;
    this.seen.value = memory.seen;
  }

  private clear(): void {
    this.conversation = this.token = this.epoch = undefined;
    batch(() => {
      this.ready.value = false;
      this.events.value = [];
      this.outbox.value = [];
      this.failed.value = [];
      this.owner.value = { word: "bot" };
      this.position.value = null;
      this.asked.value = false;
      this.seenByAdvisor.value = 0;
      this.surveyed.value = false;
      this.left.value = null;
      this.seen.value = 0;
      this.draft.value = "";
      this.address.value = this.words.value = "";
    });
  }
}

function lastAdvisor(events: readonly CustomerEvent[]): string | undefined {
  const named = events.findLast((e) => e.kind === "owner" && e.owner === "advisor");
  return named?.kind === "owner" ? named.name : undefined;
}
