// The law of the desk: a snapshot and the events that follow are the snapshot that would be made later.

import { describe, expect, test } from "vitest";
import type { AdvisorEvent, AdvisorWelcome, ConversationView, Offer, OwnerWord, Presence, Reason, Waiting } from "../wire.ts";
import { apply, causeOf, type Conversation, type Desk, isMine, KEPT_AFTER, part, unansweredSince, unread, welcome } from "./desk.ts";

const reason = (seq: number): Reason => ({ code: "frustration_peak", trigger_seq: seq, score: 0.9, threshold: 0.7, signals: [], policy: "1", sentence: "Agacement net", at: seq });
const customer = { id: "anon-1", verified: false, earlier: [] };
const me: Presence = { advisor: "ines", name: "Inès", role: "advisor", status: "available", connected: true, held: 1, capacity: 4 };

function view(id: string, more: Partial<ConversationView> = {}): ConversationView {
  return { conversation: id, owner: "advisor", advisor: "ines", queue: "care", lang: "fr", customer, connected: true, frustration: 0, events: [], ...more };
}

function snapshot(conversations: ConversationView[], more: Partial<AdvisorWelcome["snapshot"]> = {}): AdvisorWelcome {
  return {
    type: "welcome",
    advisor: { id: "ines", name: "Inès", role: "advisor", status: "available", lang: "fr" },
    epoch: "e1",
    seq: 1,
    snapshot: { conversations, offers: [], queues: [], colleagues: [me], declines: ["busy"], outcomes: ["resolved"], ...more },
  };
}

/** An independent teller: the view that the server would send after these events, computed the long way. */
function told(id: string, events: AdvisorEvent[]): ConversationView {
  const result = view(id, { events });
  delete result.advisor;
  delete result.queue;
  result.owner = "bot";
  let waiting: number | undefined;
  for (const e of events) {
    if (e.kind === "analyzed") result.frustration = e.frustration;
    if (e.kind === "message_left") result.customer = { ...customer, address: e.address };
    if (e.kind === "callback_asked") result.customer = { ...customer, address: e.number, callback: e.from === undefined ? {} : { from: e.from } };
    if (e.kind === "transfer_requested") [result.reason, result.queue] = [e.reason, e.queue];
    if (e.kind !== "owner") continue;
    result.owner = e.owner;
    delete result.advisor;
    if (e.owner === "advisor" && e.advisor !== undefined) result.advisor = e.advisor;
    if (e.owner === "offered" && e.offers?.length === 1 && e.offers[0] !== undefined) result.advisor = e.offers[0].advisor;
    if (e.queue !== undefined) result.queue = e.queue;
    const waits = e.owner === "queue" || e.owner === "offered";
    waiting = waits ? (waiting ?? e.at) : undefined;
  }
  if (waiting !== undefined) result.waiting_since = waiting;
  return result;
}

/** A life of a conversation, drawn from a seed. */
function life(id: string, seed: number): AdvisorEvent[] {
  let state = seed + 1;
  const random = (below: number) => (state = (state * 48271) % 2147483647) % below;
  const events: AdvisorEvent[] = [];
  const add = (fields: object) => events.push({ conversation: id, seq: events.length + 1, at: 1000 * (events.length + 1), ...fields } as AdvisorEvent);
  add({ kind: "opened", site: "shop", lang: "fr", customer: "anon-1" });
  while (events.length < 30) {
    const seq = events.length + 1;
    switch (random(9)) {
      case 0:
      case 1:
        add({ kind: "message", from: "customer", text: `dit ${seq}` });
        break;
      case 2:
        add({ kind: "message", from: "advisor", advisor: "ines", text: `réponse ${seq}` });
        break;
      case 3:
        add({ kind: "analyzed", of: seq - 1, frustration: random(100) / 100, trend: 0, signals: [], model: "1" });
        break;
      case 4:
        add({ kind: "transfer_requested", reason: reason(seq), queue: ["care", "tech"][random(2)] });
        break;
      case 5:
        add({ kind: "owner", owner: "queue", queue: ["care", "tech"][random(2)] });
        break;
      case 6:
        add({ kind: "owner", owner: "offered", queue: "care", offers: [{ offer: `${id}-${seq}`, advisor: "karim", expires_at: 1 }] });
        break;
      case 7:
        add(random(2) === 0 ? { kind: "owner", owner: "bot" } : { kind: "owner", owner: "advisor", advisor: ["ines", "karim"][random(2)] });
        break;
      default:
        add({ kind: "message_left", address: `a${seq}@example.org` });
    }
  }
  return events;
}

describe("snapshot and events", () => {
  test("at every cut, with repeats and in any order near by, they are the later snapshot", () => {
    for (let seed = 0; seed < 60; seed++) {
      const id = "00000000000000aa";
      const events = life(id, seed);
      const cut = 1 + (seed % (events.length - 1));
      let desk = welcome(snapshot([told(id, events.slice(0, cut))]), 0);
      for (const event of events.slice(cut)) {
        desk = apply(desk, { type: "event", ...event }, 0);
        // At least once: what came may come again, and changes nothing.
        const again = apply(desk, { type: "event", ...event }, 0);
        expect(again).toBe(desk);
      }
      const late = welcome(snapshot([told(id, events)]), 0);
      expect(desk, `seed ${seed}, cut ${cut}`).toEqual(late);
    }
  });

  test("a customer who goes and comes back is seen to", () => {
    const id = "00000000000000aa";
    let desk = welcome(snapshot([view(id)]), 0);
    desk = apply(desk, { type: "connected", conversation: id, connected: false }, 0);
    expect(desk.conversations.get(id)?.connected).toBe(false);
    desk = apply(desk, { type: "connected", conversation: id, connected: true }, 0);
    expect(desk.conversations.get(id)?.connected).toBe(true);
    expect(apply(desk, { type: "connected", conversation: "00000000000000bb", connected: false }, 0)).toEqual(desk);
  });

  test("an offer says whether its customer is there", () => {
    const id = "00000000000000aa";
    const offer = { offer: "1", conversation: id, queue: "care", reason: null, customer, lang: "fr", history: [], connected: true, expires_ms: 20_000 };
    let desk = apply(welcome(snapshot([]), 0), { type: "offer", ...offer }, 0);
    desk = apply(desk, { type: "connected", conversation: "00000000000000bb", connected: false }, 0);
    expect(desk.offers.get("1")?.connected).toBe(true);
    desk = apply(desk, { type: "connected", conversation: id, connected: false }, 0);
    expect(desk.offers.get("1")?.connected).toBe(false);
  });

  test("an event that comes late finds its place", () => {
    const id = "00000000000000aa";
    const at = (seq: number): AdvisorEvent => ({ conversation: id, seq, at: seq, kind: "message", from: "customer", text: String(seq) });
    let desk = welcome(snapshot([view(id, { events: [at(1)] })]), 0);
    for (const seq of [4, 2, 3, 2]) desk = apply(desk, { type: "event", ...at(seq) }, 0);
    expect(desk.conversations.get(id)?.events.map((e) => e.seq)).toEqual([1, 2, 3, 4]);
  });

  test("events of conversations that are not here change nothing", () => {
    const desk = welcome(snapshot([]), 0);
    expect(apply(desk, { type: "event", conversation: "00000000000000ff", seq: 1, at: 1, kind: "human_asked" }, 0)).toBe(desk);
  });
});

describe("offers", () => {
  const offer = (id: string): Offer => ({ offer: `${id}-3`, conversation: id, queue: "care", reason: reason(2), customer, lang: "fr", history: [], connected: true, expires_ms: 20_000 });

  test("an offer lapses by this machine's clock, goes when told to, and when one has the conversation", () => {
    let desk = apply(welcome(snapshot([]), 0), { type: "offer", ...offer("00000000000000aa") }, 5_000);
    expect(desk.offers.get("00000000000000aa-3")?.expiresAt).toBe(25_000);
    desk = apply(desk, { type: "offer", ...offer("00000000000000bb") }, 5_000);
    desk = apply(desk, { type: "offer_gone", offer: "00000000000000bb-3", why: "expired" }, 6_000);
    expect([...desk.offers.keys()]).toEqual(["00000000000000aa-3"]);
    desk = apply(desk, { type: "conversation", ...view("00000000000000aa") }, 7_000);
    expect(desk.offers.size).toBe(0);
    expect(desk.conversations.size).toBe(1);
  });

  test("to look at a conversation that is offered does not end the offer", () => {
    let desk = apply(welcome(snapshot([]), 0), { type: "offer", ...offer("00000000000000aa") }, 0);
    desk = apply(desk, { type: "conversation", ...view("00000000000000aa", { owner: "offered" }) }, 0);
    expect(desk.offers.size).toBe(1);
  });
});

describe("whose it is", () => {
  test("gone: it is mine no longer, unless it comes back", () => {
    const id = "00000000000000aa";
    let desk = welcome(snapshot([view(id)]), 0);
    const mine = (d: Desk) => isMine(d.conversations.get(id) as Conversation, "ines");
    expect(mine(desk)).toBe(true);
    desk = apply(desk, { type: "gone", conversation: id }, 0);
    expect(mine(desk)).toBe(false);
    expect(part(desk.conversations.get(id) as Conversation, "ines")).toBe("reader");
    desk = apply(desk, { type: "conversation", ...view(id) }, 0);
    expect(mine(desk)).toBe(true);
  });

  test("who joined may speak, who listens or looks may note, who left reads", () => {
    const joined = (how: "join" | "listen"): AdvisorEvent => ({ conversation: "a", seq: 1, at: 1, kind: "joined", advisor: "sam", how });
    const c = (events: AdvisorEvent[], more: Partial<Conversation> = {}): Conversation => ({ ...view("a", { events }), writes: false, seen: 0, ...more });
    expect(part(c([]), "sam")).toBe("beside");
    expect(part(c([joined("listen")]), "sam")).toBe("beside");
    expect(part(c([joined("join")]), "sam")).toBe("joined");
    expect(part(c([joined("join")], { owner: "closed" }), "sam")).toBe("reader");
  });

  test("only so many that are not mine are kept", () => {
    let desk = welcome(snapshot([view("00000000000000aa")]), 0);
    for (let i = 0; i < KEPT_AFTER + 5; i++) desk = apply(desk, { type: "conversation", ...view(`b${i}`, { advisor: "karim" }) }, 0);
    expect(desk.conversations.size).toBe(KEPT_AFTER + 1);
    expect(desk.conversations.has("00000000000000aa")).toBe(true);
    expect(desk.conversations.has("b0")).toBe(false);
  });
});

test("a supervisor's board follows: who waits comes, moves to an advisor, and goes", () => {
  const waiting = (owner: OwnerWord): { type: "waiting" } & Waiting => ({ type: "waiting", conversation: "a", owner, frustration: 0.5 });
  let desk = welcome(snapshot([], { waiting: [{ conversation: "z", owner: "queue", frustration: 0.1 }, { conversation: "y", owner: "bot", frustration: 0 }] }), 0);
  expect([...desk.others.keys()]).toEqual(["z"]);
  desk = apply(desk, waiting("queue"), 0);
  desk = apply(desk, waiting("advisor"), 0);
  expect(desk.others.get("a")?.owner).toBe("advisor");
  desk = apply(desk, waiting("closed"), 0);
  expect([...desk.others.keys()]).toEqual(["z"]);
});

test("what moved a conversation on does not hide why its customer came", () => {
  const moved = (seq: number, code: Reason["code"]): AdvisorEvent => ({ conversation: "a", seq, at: seq, kind: "transfer_requested", reason: { ...reason(seq), code }, queue: "care" });
  const events = [moved(1, "frustration_peak"), moved(2, "advisor_request"), moved(3, "advisor_lost")];
  expect(causeOf({ ...reason(3), code: "advisor_lost" }, events)?.code).toBe("frustration_peak");
  expect(causeOf({ ...reason(1), code: "frustration_peak" }, events)).toBe(undefined);
  expect(causeOf({ ...reason(3), code: "supervisor" }, events.slice(1))).toBe(undefined);
});

test("my own presence is mine everywhere", () => {
  const desk = apply(welcome(snapshot([]), 0), { type: "presence", ...me, status: "away" }, 0);
  expect(desk.me.status).toBe("away");
  expect(desk.colleagues.get("ines")?.status).toBe("away");
});

test("unread and unanswered begin with the first word that had no answer", () => {
  const say = (seq: number, from: "customer" | "advisor" | "bot"): AdvisorEvent => ({ conversation: "a", seq, at: seq * 10, kind: "message", from, text: "x" });
  const c: Conversation = { ...view("a", { events: [say(1, "customer"), say(2, "advisor"), say(3, "customer"), say(4, "bot"), say(5, "customer")] }), writes: false, seen: 0 };
  expect(unread(c, 0)).toBe(2);
  expect(unread(c, 3)).toBe(1);
  expect(unansweredSince(c)).toBe(30);
  expect(unansweredSince({ ...c, events: c.events.slice(0, 2) })).toBe(undefined);
});
