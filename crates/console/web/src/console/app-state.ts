// What the console is showing: which conversation, which dialog, which drafts. The desk itself is the feed's.

import { batch, computed, effect, signal } from "@preact/signals";
import type { AdvisorRequest, GoneWhy } from "../wire.ts";
import { badge, notify, ring } from "./alerts.ts";
import { type Conversation, customerName, isMine, unansweredSince, unread } from "./desk.ts";
import { Feed, Refused } from "./feed.ts";
import type { Session } from "./session.ts";
import { recall, remember } from "./storage.ts";
import { lang, texts } from "./texts/index.ts";

export type Dialog = "transfer" | "close" | "bot" | "shortcuts" | "canned" | "password" | { decline: string } | { assign: string } | { requeue: string } | { thresholds: string };
export type Mode = "reply" | "note";

/** Room for three panes; the style sheet has the same figure. */
const roomy = matchMedia("(min-width: 68rem)");
const wide = matchMedia("(min-width: 44rem)");

/** How soon after an offer has lapsed a break is put down to it. */
const MISSED_MS = 3_000;

export class App {
  readonly feed: Feed;
  readonly selected = signal<string | undefined>(undefined);
  readonly board = signal(false);
  /** Beside the conversation where there is room, else over it and only when asked for. */
  readonly details = signal(roomy.matches && recall("details", true));
  readonly dialog = signal<Dialog | undefined>(undefined);
  readonly mode = signal<Mode>("reply");
  readonly drafts = signal<Readonly<Record<string, string>>>({});
  readonly search = signal("");
  /** A sentence that was just to be told; it goes by itself. */
  readonly toast = signal("");
  /** For readers of screens: one new thing at a time. */
  readonly announced = signal({ count: 0, text: "" });
  readonly singleKeys = signal(recall("single-keys", true));

  readonly mine = computed(() => {
    const desk = this.feed.desk.value;
    if (desk === undefined) return [];
    return [...desk.conversations.values()].filter((c) => isMine(c, desk.me.id)).sort(byUrgency);
  });
  /** Those that one looks at, or had. */
  readonly recent = computed(() => {
    const desk = this.feed.desk.value;
    return desk === undefined ? [] : [...desk.conversations.values()].filter((c) => !isMine(c, desk.me.id)).reverse();
  });
  readonly offers = computed(() => [...(this.feed.desk.value?.offers.values() ?? [])].sort((a, b) => a.expiresAt - b.expiresAt));
  readonly current = computed(() => {
    const id = this.selected.value;
    return id === undefined ? undefined : this.feed.desk.value?.conversations.get(id);
  });
  readonly supervisor = computed(() => this.feed.desk.value?.me.role === "supervisor");

  /** When an offer last lapsed here. */
  private missedAt = 0;
  private toastTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly stops: (() => void)[];
  private begun = false;

  constructor(readonly session: Session) {
    const draftsKey = `drafts:${session.advisor}`;
    this.drafts.value = recall(draftsKey, {});
    this.feed = new Feed(
      location.origin,
      session.advisor,
      () => lang.value,
      {
        offered: ({ offer, conversation }) => this.offered(offer, conversation),
        offerGone: (_, why) => this.offerGone(why),
        setAway: () => this.setAway(),
        said: (conversation) => this.said(conversation),
        called: (conversation, by) => this.called(conversation, by),
        complained: (sentence) => this.tell(sentence),
      },
      () => texts.value.link.lost,
    );
    this.stops = [
      effect(() => remember(draftsKey, this.drafts.value)),
      effect(() => {
        const shown = this.details.value;
        if (roomy.matches) remember("details", shown);
      }),
      effect(() => remember("single-keys", this.singleKeys.value)),
      effect(() => badge(this.offers.value.length + this.mine.value.reduce((sum, c) => sum + this.unread(c), 0))),
      effect(() => this.readCurrent()),
      effect(() => this.openSelected()),
      effect(() => this.selectFirst()),
      effect(() => this.pruneDrafts()),
    ];
    document.addEventListener("visibilitychange", this.readCurrent);
    roomy.addEventListener("change", this.fit);
    this.feed.open();
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    document.removeEventListener("visibilitychange", this.readCurrent);
    roomy.removeEventListener("change", this.fit);
    this.feed.close();
    badge(0);
  }

  unread(c: Conversation): number {
    return unread(c, this.feed.read.value[c.conversation] ?? 0);
  }

  name(id: string | undefined): string {
    if (id === undefined) return "";
    return this.feed.desk.value?.colleagues.get(id)?.name ?? id;
  }

  queue(id: string | undefined): string {
    if (id === undefined) return "";
    return this.feed.desk.value?.queues.get(id)?.name ?? id;
  }

  customer(c: { customer: Conversation["customer"]; conversation: string }): string {
    return customerName(c.customer) ?? `${texts.value.list.visitor} ${c.conversation.slice(0, 4)}`;
  }

  /** A conversation of which only the id may be known. */
  label(id: string): string {
    const known = this.feed.desk.value?.conversations.get(id);
    return known === undefined ? `${texts.value.list.visitor} ${id.slice(0, 4)}` : this.customer(known);
  }

  select(id: string | undefined): void {
    batch(() => {
      this.selected.value = id;
      this.board.value = false;
      this.mode.value = "reply";
    });
  }

  step(by: 1 | -1): void {
    const all = this.mine.value;
    const at = all.findIndex((c) => c.conversation === this.selected.value);
    const next = all[at === -1 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
    if (next !== undefined) this.select(next.conversation);
  }

  /** Asks, and says why when it had no effect. Whether it had. */
  async ask(request: AdvisorRequest): Promise<boolean> {
    try {
      await this.feed.ask(request);
      return true;
    } catch (error) {
      this.tell(error instanceof Refused ? error.message : String(error));
      return false;
    }
  }

  async accept(offer: string, conversation: string): Promise<void> {
    if (await this.ask({ type: "accept", offer })) this.select(conversation);
  }

  draft(id: string, mode: Mode): string {
    return this.drafts.value[`${id}:${mode}`] ?? "";
  }

  setDraft(id: string, mode: Mode, text: string): void {
    const { [`${id}:${mode}`]: _, ...others } = this.drafts.value;
    this.drafts.value = text === "" ? others : { ...others, [`${id}:${mode}`]: text };
  }

  tell(sentence: string): void {
    if (sentence === "") return;
    clearTimeout(this.toastTimer);
    this.toast.value = sentence;
    this.toastTimer = setTimeout(() => (this.toast.value = ""), 8_000);
  }

  /** The same words twice are two announcements: each is an element of its own. */
  private announce(text: string): void {
    this.announced.value = { count: this.announced.value.count + 1, text };
  }

  private offered(offer: string, conversation: string): void {
    const t = texts.value;
    const known = this.feed.desk.value?.offers.get(offer);
    ring("offer");
    this.announce(t.offers.announced(known?.reason?.sentence ?? ""));
    notify(t.notifications.offer, this.queue(known?.queue), `offer-${conversation}`, () => this.board.value && (this.board.value = false));
  }

  private offerGone(why: GoneWhy): void {
    if (why === "expired") this.missedAt = Date.now();
    this.tell(texts.value.offers.gone[why]);
  }

  /** One's own click needs no word; that an offer has just gone unanswered tells it from one in another window. */
  private setAway(): void {
    if (Date.now() - this.missedAt < MISSED_MS) this.tell(texts.value.presence.missed);
  }

  private said(conversation: string): void {
    const c = this.feed.desk.value?.conversations.get(conversation);
    if (c === undefined || !isMine(c, this.session.advisor)) return;
    const t = texts.value;
    const last = c.events.at(-1);
    ring("message");
    if (conversation === this.selected.value && last?.kind === "message") this.announce(t.thread.announce(this.customer(c), last.text));
    else this.announce(t.thread.announce(this.customer(c), t.notifications.message));
    notify(t.notifications.message, this.customer(c), `message-${conversation}`, () => this.select(conversation));
  }

  private called(conversation: string, by: string): void {
    const t = texts.value.notifications;
    const sentence = t.called(this.name(by), this.label(conversation));
    ring("offer");
    this.tell(sentence);
    notify(sentence, "", `note-${conversation}`, () => this.select(conversation));
  }

  private readonly fit = (): void => {
    this.details.value = roomy.matches && recall("details", true);
  };

  private readonly readCurrent = (): void => {
    const c = this.current.value;
    if (c === undefined || this.board.value || !this.feed.ready.value || document.visibilityState !== "visible") return;
    if (isMine(c, this.session.advisor)) queueMicrotask(() => this.feed.markRead(c.conversation));
  };

  /** After a reload there is room for a conversation beside the list: the most urgent one is shown, once. */
  private selectFirst(): void {
    if (!this.feed.ready.value || this.begun) return;
    this.begun = true;
    const first = this.mine.peek()[0];
    if (first !== undefined && this.selected.peek() === undefined && wide.matches) queueMicrotask(() => this.select(first.conversation));
  }

  /** What is selected and not here (a colleague's, an earlier one, one from before a lost connection) is asked for. */
  private openSelected(): void {
    const id = this.selected.value;
    if (id === undefined || !this.feed.ready.value || this.feed.desk.peek()?.conversations.has(id)) return;
    queueMicrotask(async () => {
      const known = await this.ask({ type: "open", conversation: id });
      if (!known && this.selected.value === id && this.feed.ready.value) this.selected.value = undefined;
    });
  }

  /** The drafts of conversations that are over are nobody's. */
  private pruneDrafts(): void {
    const desk = this.feed.desk.value;
    if (desk === undefined) return;
    for (const c of desk.conversations.values()) {
      if (c.owner !== "closed") continue;
      for (const mode of ["reply", "note"] as const) if (this.drafts.peek()[`${c.conversation}:${mode}`] !== undefined) this.setDraft(c.conversation, mode, "");
    }
  }
}

/** Who has waited longest for an answer comes first, then those with whom one has spoken last. */
function byUrgency(a: Conversation, b: Conversation): number {
  const [x, y] = [unansweredSince(a), unansweredSince(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (x !== undefined) return -1;
  if (y !== undefined) return 1;
  return (b.events.at(-1)?.at ?? 0) - (a.events.at(-1)?.at ?? 0);
}
