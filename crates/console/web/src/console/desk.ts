// What an advisor's desk holds, and how each frame changes it. Pure: a desk and a frame make the next desk, so that
// a snapshot with the events that follow is the snapshot that would be made later.

import type {
  AdvisorEvent,
  AdvisorServerFrame,
  AdvisorWelcome,
  ConversationView,
  Me,
  Offer,
  Presence,
  Queue,
  Reason,
  Snapshot,
  Waiting,
} from "../wire.ts";

export interface OpenOffer extends Offer {
  /** When it lapses, by this machine's clock. */
  expiresAt: number;
}

export interface Conversation extends ConversationView {
  /** The customer is writing. */
  writes: boolean;
  /** The customer has read up to. */
  seen: number;
  /** It has left one's hands: no more of it will come. */
  left?: boolean;
}

export interface Desk {
  me: Me;
  /** Whole conversations: one's own, those that one looks at, and those that one has just left. */
  conversations: ReadonlyMap<string, Conversation>;
  offers: ReadonlyMap<string, OpenOffer>;
  queues: ReadonlyMap<string, Queue>;
  colleagues: ReadonlyMap<string, Presence>;
  /** Supervisors: who waits, and who is with whom. */
  others: ReadonlyMap<string, Waiting>;
  declines: readonly string[];
  outcomes: readonly string[];
}

/** Conversations that are no longer one's own are kept for reading, the newest of them. */
export const KEPT_AFTER = 10;

export function welcome(frame: AdvisorWelcome, now: number): Desk {
  const { snapshot } = frame;
  return {
    me: frame.advisor,
    conversations: byKey(snapshot.conversations.map(fresh), (c) => c.conversation),
    offers: byKey(snapshot.offers.map((o) => timed(o, now)), (o) => o.offer),
    queues: byKey(snapshot.queues, (q) => q.queue),
    colleagues: byKey(snapshot.colleagues, (c) => c.advisor),
    others: byKey(watched(snapshot), (w) => w.conversation),
    declines: snapshot.declines,
    outcomes: snapshot.outcomes,
  };
}

function watched(snapshot: Snapshot): Waiting[] {
  return (snapshot.waiting ?? []).filter(isWatched);
}

/** With the bot or closed it is no supervisor's care. */
function isWatched(waiting: Waiting): boolean {
  return waiting.owner === "queue" || waiting.owner === "offered" || waiting.owner === "advisor";
}

export function apply(desk: Desk, frame: AdvisorServerFrame, now: number): Desk {
  switch (frame.type) {
    case "welcome":
      return welcome(frame, now);
    case "offer":
      return { ...desk, offers: set(desk.offers, frame.offer, timed(body(frame), now)) };
    case "offer_gone":
      return { ...desk, offers: without(desk.offers, frame.offer) };
    case "event":
      return happened(desk, body(frame));
    case "conversation":
      return whole(desk, body(frame));
    case "gone":
      return change(desk, frame.conversation, (c) => ({ ...c, left: true, writes: false }));
    case "queue":
      return { ...desk, queues: set(desk.queues, frame.queue, body(frame)) };
    case "presence": {
      const me = frame.advisor === desk.me.id ? { ...desk.me, status: frame.status } : desk.me;
      return { ...desk, me, colleagues: set(desk.colleagues, frame.advisor, body(frame)) };
    }
    case "waiting": {
      const others = isWatched(frame) ? set(desk.others, frame.conversation, body(frame)) : without(desk.others, frame.conversation);
      return { ...desk, others };
    }
    case "typing":
      return frame.from === "customer" ? change(desk, frame.conversation, (c) => ({ ...c, writes: frame.on })) : desk;
    case "seen":
      return frame.from === "customer"
        ? change(desk, frame.conversation, (c) => ({ ...c, seen: Math.max(c.seen, frame.seq) }))
        : desk;
    case "connected":
      return change(comesOrGoes(desk, frame), frame.conversation, (c) => ({ ...c, connected: frame.connected }));
    case "ack":
    case "error":
      // The business of whoever asked (feed.ts).
      return desk;
  }
}

/** What a frame carries, without the word that says what it is: a snapshot has it so. */
function body<F extends { type: string }>({ type: _, ...rest }: F): WithoutType<F> {
  return rest as WithoutType<F>;
}

/** Each kind of a union for itself. */
type WithoutType<F> = F extends unknown ? Omit<F, "type"> : never;

function whole(desk: Desk, view: ConversationView): Desk {
  const before = desk.conversations.get(view.conversation);
  const next = { ...fresh(view), seen: before?.seen ?? 0 };
  const conversations = new Map(desk.conversations).set(view.conversation, next);
  // Whoever has a conversation is no longer asked whether they want it.
  const offers = isMine(next, desk.me.id) ? new Map([...desk.offers].filter(([, o]) => o.conversation !== view.conversation)) : desk.offers;
  return { ...desk, conversations: trimmed(conversations, desk.me.id), offers };
}

function happened(desk: Desk, event: AdvisorEvent): Desk {
  return change(desk, event.conversation, (c) => listen(c, event));
}

/** One event into a conversation, as the server's own state takes it. */
function listen(c: Conversation, event: AdvisorEvent): Conversation {
  const events = insert(c.events, event);
  // Once is enough: a frame that comes again changes nothing.
  if (events === c.events) return c;
  const next: Conversation = { ...c, events };
  switch (event.kind) {
    case "owner": {
      next.owner = event.owner;
      delete next.left;
      const advisor = event.advisor ?? (event.offers?.length === 1 ? event.offers[0]?.advisor : undefined);
      if (advisor === undefined) delete next.advisor;
      else next.advisor = advisor;
      if (event.queue !== undefined) next.queue = event.queue;
      if (event.owner === "queue" || event.owner === "offered") next.waiting_since ??= event.at;
      else delete next.waiting_since;
      return next;
    }
    case "transfer_requested":
      next.queue = event.queue;
      next.reason = event.reason;
      return next;
    case "analyzed":
      next.frustration = event.frustration;
      return next;
    case "message_left":
      next.customer = { ...c.customer, address: event.address };
      delete next.customer.callback;
      return next;
    case "callback_asked":
      next.customer = { ...c.customer, address: event.number, callback: event.from === undefined ? {} : { from: event.from } };
      return next;
    case "message":
      if (event.from === "customer") next.writes = false;
      return next;
    default:
      return next;
  }
}

/** In its place by `seq`; the same list where it is already there. */
function insert(events: AdvisorEvent[], event: AdvisorEvent): AdvisorEvent[] {
  let at = events.length;
  while (at > 0 && (events[at - 1] as AdvisorEvent).seq > event.seq) at--;
  return events[at - 1]?.seq === event.seq ? events : events.toSpliced(at, 0, event);
}

function fresh(view: ConversationView): Conversation {
  return { ...view, writes: false, seen: 0 };
}

function timed(offer: Offer, now: number): OpenOffer {
  return { ...offer, expiresAt: now + offer.expires_ms };
}

/** The open offers of a conversation, with whether its customer is there. */
function comesOrGoes(desk: Desk, { conversation, connected }: { conversation: string; connected: boolean }): Desk {
  const offers = [...desk.offers.values()].filter((o) => o.conversation === conversation && o.connected !== connected);
  return offers.reduce((next, o) => ({ ...next, offers: set(next.offers, o.offer, { ...o, connected }) }), desk);
}

function trimmed(conversations: Map<string, Conversation>, me: string): ReadonlyMap<string, Conversation> {
  const left = [...conversations.values()].filter((c) => !isMine(c, me));
  for (const c of left.slice(0, Math.max(0, left.length - KEPT_AFTER))) conversations.delete(c.conversation);
  return conversations;
}

function change(desk: Desk, id: string, how: (c: Conversation) => Conversation): Desk {
  const before = desk.conversations.get(id);
  if (before === undefined) return desk;
  const after = how(before);
  return after === before ? desk : { ...desk, conversations: set(desk.conversations, id, after) };
}

function byKey<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [key(item), item]));
}

function set<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(key, value);
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  if (!map.has(key)) return map;
  const next = new Map(map);
  next.delete(key);
  return next;
}

// Readings

export function isMine(c: { owner: string; advisor?: string; left?: boolean }, me: string): boolean {
  return c.owner === "advisor" && c.advisor === me && c.left !== true;
}

/** What one may do with a conversation: all of it, speak along, write notes, or only read. */
export type Part = "holder" | "joined" | "beside" | "reader";

export function part(c: Conversation, me: string): Part {
  if (isMine(c, me)) return "holder";
  if (c.owner === "closed" || c.left === true) return "reader";
  const joined = c.events.findLast((e) => e.kind === "joined" && e.advisor === me);
  return joined?.kind === "joined" && joined.how === "join" ? "joined" : "beside";
}

/** What the customer has said since one last answered, or read. */
export function unread(c: Conversation, readUpTo: number): number {
  const answered = c.events.findLast((e) => e.kind === "message" && e.from === "advisor")?.seq ?? 0;
  const from = Math.max(answered, readUpTo);
  return c.events.filter((e) => e.kind === "message" && e.from === "customer" && e.seq > from).length;
}

/** Since when the customer has had no answer; undefined where the last word is ours. */
export function unansweredSince(c: Conversation): number | undefined {
  let since: number | undefined;
  for (const event of c.events) {
    if (event.kind !== "message") continue;
    if (event.from === "advisor") since = undefined;
    else if (event.from === "customer") since ??= event.at;
  }
  return since;
}

/** The last thing that was said, by anyone. */
export function lastWords(c: Conversation): string {
  const last = c.events.findLast((e) => e.kind === "message" && e.from !== "system");
  return last?.kind === "message" ? last.text : "";
}

/** The customer's name as the site signed it; undefined for the unknown visitor. */
export function customerName(customer: ConversationView["customer"]): string | undefined {
  const name = customer.profile?.["name"];
  return typeof name === "string" && name.trim() !== "" ? name : undefined;
}

export interface Heard {
  seq: number;
  at: number;
  of: number;
  frustration: number;
}

/** The frustration heard, message by message. */
export function heard(events: readonly AdvisorEvent[]): Heard[] {
  return events.flatMap((e) => (e.kind === "analyzed" ? [{ seq: e.seq, at: e.at, of: e.of, frustration: e.frustration }] : []));
}

/** The candidates of the last assignment, or of the last offer: why it is this advisor. */
export function whyMe(events: readonly AdvisorEvent[]) {
  const last = events.findLast((e) => (e.kind === "assigned" || e.kind === "offered") && e.candidates.length > 0);
  return last?.kind === "assigned" || last?.kind === "offered" ? last.candidates : [];
}

/** Reasons of people and of chance: they say why a conversation moved on, not why its customer came to people. */
const MOVED = new Set(["advisor_request", "advisor_lost", "queue_gone", "supervisor"]);

/** Why the customer came to people, where the last reason only says why the conversation moved on. */
export function causeOf(reason: Reason, events: readonly AdvisorEvent[]): Reason | undefined {
  if (!MOVED.has(reason.code)) return undefined;
  const first = events.findLast((e) => e.kind === "transfer_requested" && !MOVED.has(e.reason.code));
  return first?.kind === "transfer_requested" ? first.reason : undefined;
}

/** The message that a reason points at. */
export function triggerAt(reason: Reason, events: readonly AdvisorEvent[]): number {
  return events.find((e) => e.seq === reason.trigger_seq)?.at ?? reason.at;
}
