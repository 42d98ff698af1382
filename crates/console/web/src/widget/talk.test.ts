// The visitor's side: what is kept, what is sent again, what is shown once.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeSocket } from "../../tests/fake-socket.ts";
import { LONGEST_PAUSE } from "../link.ts";
import { ANSWER_MS } from "../unanswered.ts";
import { Talk, type Told, TYPING_MS } from "./talk.ts";

const KEY = "relais:shop@http://house";
let talks: Talk[];
let told: Told[];

function talk(): Talk {
  const made = new Talk({ site: "shop", lang: "fr", server: "http://house" }, (what) => told.push(what));
  talks.push(made);
  return made;
}

const welcome = (more: object = {}) => ({
  type: "welcome",
  conversation: "00000000000000aa",
  token: "t1",
  epoch: "e1",
  seq: 0,
  resumed: false,
  owner: "bot",
  availability: "open",
  lang: "fr",
  survey_open: false,
  site: { id: "shop", name: "La Boutique", texts: {} },
  ...more,
});
const event = (seq: number, fields: object) => ({ type: "event", conversation: "00000000000000aa", seq, at: 1000 + seq, ...fields });
const said = (seq: number, from: string, text: string, more: object = {}) => event(seq, { kind: "message", from, text, ...more });
const kept = () => JSON.parse(localStorage.getItem(KEY) ?? "null");

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.install();
  localStorage.clear();
  talks = [];
  told = [];
});
afterEach(() => {
  for (const each of talks) each.dispose();
  vi.useRealTimers();
});

describe("opening", () => {
  test("nothing is sent or kept before it is opened, and nothing is kept before the visitor writes", () => {
    const t = talk();
    expect(FakeSocket.all.length).toBe(0);
    t.open();
    const socket = FakeSocket.last.opens();
    const hello = socket.taken("hello");
    expect(hello).toMatchObject({ site: "shop", lang: "fr" });
    expect(Object.keys(hello).sort()).toEqual(["lang", "page", "site", "type"]);
    socket.says(welcome(), said(1, "bot", "Bonjour"));
    expect(kept()).toBe(null);
    t.say("Bonjour");
    expect(kept()).toMatchObject({ conversation: "00000000000000aa", token: "t1" });
  });

  test("the page is told without its query and fragment", () => {
    history.replaceState(null, "", "/panier?jeton=secret#code=secret");
    talk().open();
    const page = FakeSocket.last.opens().taken("hello")["page"] as { url: string };
    expect(page.url).toMatch(/\/panier$/);
    history.replaceState(null, "", "/");
  });

  test("a reload asks for the whole conversation, a lost connection for what is new", () => {
    const first = talk();
    first.open();
    FakeSocket.last.opens().says(welcome());
    first.say("Bonjour");
    first.dispose();

    const second = talk();
    expect(second.kept).toBe(true);
    second.open();
    const socket = FakeSocket.last.opens();
    const hello = socket.taken("hello");
    expect(hello).toMatchObject({ conversation: "00000000000000aa", token: "t1" });
    expect(hello).not.toHaveProperty("seq");
    socket.says(welcome({ seq: 5, resumed: true }), said(2, "bot", "Bonjour"), said(5, "bot", "Toujours là ?"));
    socket.closes(1006);
    vi.advanceTimersByTime(LONGEST_PAUSE);
    expect(FakeSocket.last.opens().taken("hello")).toMatchObject({ epoch: "e1", seq: 5 });
  });

  test("resumed: what is new is added; not resumed: what was there is replaced", () => {
    const t = talk();
    t.open();
    let socket = FakeSocket.last.opens().says(welcome({ seq: 2 }), said(1, "bot", "un"), said(2, "bot", "deux"));
    t.say("x");
    socket.closes(1012);
    vi.advanceTimersByTime(LONGEST_PAUSE);
    socket = FakeSocket.last.opens().says(welcome({ seq: 3, resumed: true }), said(3, "bot", "trois"));
    expect(t.events.value.map((e) => e.seq)).toEqual([1, 2, 3]);
    socket.closes(1012);
    vi.advanceTimersByTime(LONGEST_PAUSE);
    FakeSocket.last.opens().says(welcome({ epoch: "e2", seq: 1 }), said(1, "bot", "autre vie"));
    expect(t.events.value.map((e) => (e.kind === "message" ? e.text : ""))).toEqual(["autre vie"]);
  });

  test("a conversation that the server no longer knows is let go, its unsent messages are not", () => {
    localStorage.setItem(KEY, JSON.stringify({ conversation: "00000000000000bb", token: "old", draft: "", seen: 4, outbox: [{ at: 1, frame: { type: "message", cid: "c1", text: "encore" } }] }));
    const t = talk();
    t.open();
    FakeSocket.last.opens().says({ type: "error", code: "unauthorised", message: "non" });
    vi.advanceTimersByTime(LONGEST_PAUSE);
    const socket = FakeSocket.last.opens();
    expect(socket.taken("hello")).not.toHaveProperty("conversation");
    socket.says(welcome());
    expect(socket.taken("message")).toEqual({ type: "message", cid: "c1", text: "encore" });
    expect(kept().conversation).toBe("00000000000000aa");
  });

  test("the same when the server closes with 4401", () => {
    localStorage.setItem(KEY, JSON.stringify({ conversation: "00000000000000bb", token: "old", draft: "", seen: 0, outbox: [] }));
    talk().open();
    FakeSocket.last.opens().closes(4401);
    expect(FakeSocket.all.length).toBe(2);
    expect(FakeSocket.last.opens().taken("hello")).not.toHaveProperty("token");
  });

  test("what others left in our storage does no harm", () => {
    for (const junk of ["{", "null", "[]", '"x"', '{"outbox":7}', '{"outbox":[{}],"draft":"","seen":0}']) {
      localStorage.setItem(KEY, junk);
      expect(talk().kept).toBe(false);
    }
  });
});

describe("sending", () => {
  test("a message without a connection waits, and goes out later with the same cid; once", () => {
    const t = talk();
    t.open();
    t.say("Bonjour");
    const cid = kept().outbox[0].frame.cid;
    let socket = FakeSocket.last.opens();
    expect(socket.take().map((f) => f["type"])).toEqual(["hello"]);
    socket.says(welcome());
    expect(socket.taken("message")["cid"]).toBe(cid);
    socket.closes(1006);
    vi.advanceTimersByTime(LONGEST_PAUSE);
    socket = FakeSocket.last.opens().says(welcome({ seq: 1, resumed: true }));
    expect(socket.taken("message")["cid"]).toBe(cid);
    socket.says({ type: "ack", cid, seq: 1 });
    expect(t.outbox.value).toEqual([]);
    expect(kept().outbox).toEqual([]);
    socket.says(said(1, "customer", "Bonjour", { cid }), said(1, "customer", "Bonjour", { cid }));
    expect(t.events.value.length).toBe(1);
  });

  test("an event that carries the cid answers as well as an ack", () => {
    const t = talk();
    t.open();
    FakeSocket.last.opens().says(welcome());
    t.say("Bonjour");
    FakeSocket.last.says(said(1, "customer", "Bonjour", { cid: t.outbox.value[0]?.frame.cid }));
    expect(t.outbox.value).toEqual([]);
  });

  test("a server that does not answer is taken for gone", () => {
    const t = talk();
    t.open();
    FakeSocket.last.opens().says(welcome());
    t.say("Allô ?");
    vi.advanceTimersByTime(ANSWER_MS);
    expect(FakeSocket.all[0]?.closedWith).toBe(4000);
    vi.advanceTimersByTime(LONGEST_PAUSE);
    expect(FakeSocket.all.length).toBe(2);
    expect(t.outbox.value.length).toBe(1);
  });

  test("too fast: the same frame, when the server says", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome());
    t.say("vite");
    const { cid } = socket.taken("message");
    socket.says({ type: "error", code: "slow_down", message: "…", cid, retry_ms: 2000 });
    vi.advanceTimersByTime(1999);
    expect(socket.take()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(socket.taken("message")["cid"]).toBe(cid);
  });

  test("refused for good: it says why, and the words can be taken back", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome());
    t.say("trop long");
    socket.says({ type: "error", code: "text_too_long", message: "Ce message est trop long.", cid: socket.taken("message")["cid"] });
    expect(t.failed.value).toMatchObject([{ problem: "Ce message est trop long.", frame: { text: "trop long" } }]);
    expect(kept().outbox).toEqual([]);
    const [failed] = t.failed.value;
    if (failed !== undefined) t.edit(failed);
    expect(t.draft.value).toBe("trop long");
    expect(t.failed.value).toEqual([]);
  });

  test("into a closed conversation: the words go back to the composer and it shows as closed", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome());
    t.say("encore une chose");
    socket.says({ type: "error", code: "closed", message: "…", cid: socket.taken("message")["cid"] });
    expect(t.closed.value).toBe(true);
    expect(t.draft.value).toBe("encore une chose");
    t.startAgain();
    expect(FakeSocket.last.opens().taken("hello")).toMatchObject({ previous: { conversation: "00000000000000aa", token: "t1" } });
    expect(t.draft.value).toBe("encore une chose");
  });

  test("spaces are no message, and one request for a person is enough", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome());
    socket.take();
    t.say("  \n ");
    expect(socket.take()).toEqual([]);
    t.askHuman();
    t.askHuman();
    expect(socket.take().length).toBe(1);
  });

  test("typing is told to an advisor only, and not at every key", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome());
    socket.take();
    t.type("b");
    expect(socket.take()).toEqual([]);
    socket.says(event(1, { kind: "owner", owner: "advisor", name: "Inès" }));
    for (const text of ["bo", "bon", "bonj"]) t.type(text);
    expect(socket.take()).toEqual([{ type: "typing", on: true }]);
    t.say("bonjour");
    expect(socket.take().map((f) => f["type"])).toEqual(["typing", "message"]);
  });
});

describe("state", () => {
  test("the owner follows events, and the name is kept over a welcome", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome(), event(2, { kind: "owner", owner: "queue" }), { type: "position", ahead: 2, wait_s: null });
    expect(t.position.value).toEqual({ ahead: 2, wait: null });
    socket.says(event(4, { kind: "owner", owner: "advisor", name: "Inès" }));
    expect(t.owner.value).toEqual({ word: "advisor", name: "Inès" });
    expect(t.position.value).toBe(null);
    socket.says({ type: "typing", from: "advisor", name: "Inès", on: true });
    expect(t.typing.value).toEqual({ name: "Inès" });
    vi.advanceTimersByTime(TYPING_MS);
    expect(t.typing.value).toBe(null);
  });

  test("events out of order find their place, others' conversations are passed over", () => {
    const t = talk();
    t.open();
    FakeSocket.last.opens().says(welcome(), said(3, "bot", "c"), said(1, "bot", "a"), said(2, "bot", "b"), { ...said(4, "bot", "x"), conversation: "00000000000000ff" });
    expect(t.events.value.map((e) => e.seq)).toEqual([1, 2, 3]);
  });

  test("the survey is asked once: answered here, it is not asked again after a reload", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome());
    t.say("merci");
    socket.says(event(2, { kind: "survey_asked" }), event(3, { kind: "closed", by: "advisor" }));
    expect(t.surveyAsked.value).toBe(true);
    t.answerSurvey(5, undefined, " ");
    expect(socket.taken("survey")).toMatchObject({ satisfaction: 5 });
    expect(t.surveyAsked.value).toBe(false);
    t.dispose();
    const again = talk();
    again.open();
    FakeSocket.last.opens().says(welcome({ owner: "closed", survey_open: true }));
    expect(again.surveyAsked.value).toBe(false);
  });

  test("unread counts what others said since one last looked; only new messages are told to the page", () => {
    const t = talk();
    t.open();
    const socket = FakeSocket.last.opens().says(welcome({ seq: 2 }), said(1, "bot", "a"), said(2, "customer", "b"));
    expect(t.unread.value).toBe(1);
    t.read();
    expect(socket.taken("seen")).toEqual({ type: "seen", seq: 2 });
    expect(t.unread.value).toBe(0);
    socket.says(said(3, "advisor", "c", { name: "Inès" }));
    expect(t.unread.value).toBe(1);
    expect(told.filter((e) => e.type === "message")).toEqual([{ type: "message", detail: { from: "advisor", name: "Inès", text: "c" } }]);
  });
});

describe("tabs", () => {
  test("a conversation that another tab began is joined by a tab that has none", () => {
    const t = talk();
    t.open();
    FakeSocket.last.opens().says(welcome({ conversation: "00000000000000cc" }));
    localStorage.setItem(KEY, JSON.stringify({ conversation: "00000000000000aa", token: "t1", outbox: [], draft: "", seen: 0 }));
    dispatchEvent(new StorageEvent("storage", { key: KEY }));
    expect(FakeSocket.last.opens().taken("hello")).toMatchObject({ conversation: "00000000000000aa", token: "t1" });
  });

  test("what another tab has sent leaves this one's outbox too", () => {
    const t = talk();
    t.say("un");
    expect(t.outbox.value.length).toBe(1);
    localStorage.setItem(KEY, JSON.stringify({ ...kept(), outbox: [] }));
    dispatchEvent(new StorageEvent("storage", { key: KEY }));
    expect(t.outbox.value.length).toBe(0);
  });

  test.each([
    ["forbidden", location.origin],
    ["unknown_site", "no site \"shop\""],
  ])("a page that may not carry the widget (%s): not available, nothing lost, and its developer is told why", (code, words) => {
    const before = talk();
    before.say("Bonjour");
    FakeSocket.last.opens().says(welcome());
    before.dispose();
    const was = kept();
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const t = talk();
    t.open();
    const sockets = FakeSocket.all.length;
    FakeSocket.last.opens().says({ type: "error", code, message: "…" }).closes(4403);
    vi.advanceTimersByTime(10 * LONGEST_PAUSE);
    expect(t.link.value).toEqual({ is: "refused", code: 4403 });
    expect(FakeSocket.all.length).toBe(sockets);
    expect(kept()).toEqual(was);
    expect(warned.mock.calls.length).toBe(1);
    expect(warned.mock.calls[0]?.[0]).toContain(words);
    warned.mockRestore();
  });

  test("reset forgets the visitor on this browser", () => {
    const t = talk();
    t.open();
    FakeSocket.last.opens().says(welcome());
    t.say("secret");
    t.reset();
    expect(localStorage.getItem(KEY)).toBe(null);
    expect(t.events.value).toEqual([]);
    expect(t.link.value.is).toBe("idle");
  });

  test("an identity goes along with hello, and one that is refused is left out", () => {
    const t = talk();
    t.identify("jwt");
    t.open();
    const socket = FakeSocket.last.opens();
    expect(socket.taken("hello")).toMatchObject({ identity: "jwt" });
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    socket.closes(4401);
    expect(FakeSocket.last.opens().taken("hello")).not.toHaveProperty("identity");
  });
});
