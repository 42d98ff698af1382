// The console as an advisor has it before them: found by role and name, driven over a socket that the test holds.

import { act, cleanup, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket } from "../../tests/fake-socket.ts";
import type { Evidence } from "../wire.ts";
import { App } from "./app-state.ts";
import { now } from "./clock.ts";
import { Desktop } from "./desktop.tsx";
import { choose } from "./texts/index.ts";

const ID = "00000000000000aa";
const EVIL = '<img src=x onerror="globalThis.hacked=1">';
let app: App;

const customer = { id: "anon-1", verified: false, profile: { name: "Claire Fontaine" }, earlier: [] };
const event = (seq: number, fields: object, conversation = ID) => ({ type: "event", conversation, seq, at: Date.now() - 100_000 + seq * 1000, ...fields });
const signals: Evidence[] = [
  { kind: "repeated_contact", weight: 1.4, seq: 2, start: 9, end: 23 },
  { kind: "annoyance", weight: 2.1, seq: 2, start: 49, end: 61 },
];
const reason = { code: "frustration_peak", trigger_seq: 2, score: 0.86, threshold: 0.6, signals, policy: "3", sentence: "Agacement net : « inadmissible » — répétition", at: Date.now() - 90_000 };
const history = [
  event(1, { kind: "opened", site: "shop", lang: "fr", customer: "anon-1" }),
  event(2, { kind: "message", from: "customer", text: "C’est la troisième fois que je vous écris, c’est inadmissible !!" }),
  event(3, { kind: "analyzed", of: 2, frustration: 0.86, trend: 0.2, signals, model: "1" }),
  event(4, { kind: "transfer_requested", reason, queue: "care" }),
];
const offered = { type: "offer", offer: `${ID}-5`, conversation: ID, queue: "care", reason, customer, lang: "fr", history, connected: true, expires_ms: 20_000 };
const view = (more: object = {}) => ({ conversation: ID, owner: "advisor", advisor: "ines", queue: "care", lang: "fr", customer, reason, connected: true, frustration: 0.86, events: history, ...more });
const person = (advisor: string, name: string, more: object = {}) => ({ advisor, name, role: "advisor", status: "available", connected: true, held: 0, capacity: 4, ...more });
const welcome = (more: object = {}, role = "advisor") => ({
  type: "welcome",
  advisor: { id: "ines", name: "Inès", role, status: "available", lang: "fr" },
  epoch: "e1",
  seq: 1,
  snapshot: {
    conversations: [],
    offers: [],
    queues: [{ queue: "care", name: "Service client", waiting: 2, oldest_ms: 65_000, available: 1, wait_s: null, thresholds: { peak: 0.5, trend: 0.4 } }],
    colleagues: [person("ines", "Inès"), person("karim", "Karim", { status: "away", held: 2 })],
    declines: ["busy", "other"],
    outcomes: ["resolved", "unresolved"],
    ...more,
  },
});
const click = (target: HTMLElement) => act(() => target.click());
const type = (target: HTMLElement, text: string) =>
  act(() => {
    const field = target as HTMLTextAreaElement;
    field.value = text;
    field.selectionStart = field.selectionEnd = text.length;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
const press = (key: string, target: EventTarget = document.body) => act(() => void target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
const settle = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve, 0))));
/** Answers the last request of this type as done. */
const done = async (kind: string) => {
  const frame = FakeSocket.last.taken(kind);
  FakeSocket.last.says({ type: "ack", ref: frame["ref"] });
  await settle();
  return frame;
};

function start(more: object = {}, role = "advisor"): FakeSocket {
  app = new App({ advisor: "ines", role: role as "advisor", name: "Inès" });
  render(<Desktop app={app} signOut={() => undefined} />);
  const socket = FakeSocket.last.opens();
  expect(socket.taken("hello")).toEqual({ type: "hello", lang: "fr" });
  return socket.says(welcome(more, role));
}

beforeEach(() => {
  FakeSocket.install();
  localStorage.clear();
  choose("fr");
});
afterEach(() => {
  cleanup();
  app.dispose();
  vi.restoreAllMocks();
});

test("who is set to a break for offers that went unanswered is told why; one's own click needs no word", async () => {
  const socket = start({ offers: [offered] });
  const away = { type: "presence", ...person("ines", "Inès", { status: "away" }) };
  socket.says(away);
  expect(document.querySelector(".toast")?.textContent).toBe("");
  socket.says({ ...away, status: "available" });
  socket.says({ type: "offer_gone", offer: `${ID}-5`, why: "expired" });
  socket.says(away);
  await settle();
  expect(document.querySelector(".toast")?.textContent).toBe("Vous voilà en pause : plusieurs propositions de suite sont restées sans réponse.");
});

test("why it is this advisor is told term by term, with the sum", () => {
  const term = (name: string, value: number) => ({ name, value });
  const candidates = [
    { advisor: "ines", score: 1.75, terms: [term("fit", 1.5), term("load", 0.25)] },
    { advisor: "karim", score: 0.5, terms: [term("fit", 0.5), term("load", 0)] },
  ];
  const assigned = { ...history[0], seq: 9, kind: "assigned", advisor: "ines", how: "offer", candidates };
  start({ conversations: [view({ events: [...history, assigned] })] });
  act(() => {
    app.select(ID);
    app.details.value = true;
  });
  const table = screen.getByRole("group", { name: "Pourquoi vous" });
  const rows = [...table.querySelectorAll("tr")].map((row) => [...row.children].map((cell) => cell.textContent));
  expect(rows).toEqual([
    ["Candidat", "Inès", "Karim"],
    ["compétences", "+1,50", "+0,50"],
    ["places libres", "+0,25", "0,00"],
    ["Total", "1,75", "0,50"],
  ]);
});

test("an offer says why in words and when; accepted, it opens with its words marked", async () => {
  const socket = start();
  socket.says(offered);
  const card = screen.getByRole("article", { name: "Propositions\u00a0: Claire Fontaine" });
  expect(card.textContent).toContain("« inadmissible » — répétition");
  expect(card.textContent).toMatch(/Expire dans \d+ secondes/);
  expect(document.title).toBe("(1) Relais");
  expect(card.textContent).not.toContain("hors ligne");
  socket.says({ type: "connected", conversation: ID, connected: false });
  await settle();
  expect(card.textContent).toContain("client hors ligne");
  click(within(card).getByRole("button", { name: /Accepter/ }));
  socket.says({ type: "conversation", ...view() });
  expect(await done("accept")).toMatchObject({ offer: `${ID}-5` });
  expect(screen.queryByRole("article")).toBe(null);
  const marks = [...document.querySelectorAll("mark")].map((mark) => [mark.textContent, mark.title]);
  expect(marks).toEqual([
    ["troisième fois", "répétition (+1,4)"],
    ["inadmissible", "mots d’agacement (+2,1)"],
  ]);
  expect(screen.getByRole("complementary", { name: "Détails" }).textContent).toContain("Agacement net");
});

test("an offer that is gone is told, and goes", () => {
  const socket = start({ offers: [offered] });
  socket.says({ type: "offer_gone", offer: `${ID}-5`, why: "expired" });
  expect(screen.queryByRole("article")).toBe(null);
  expect(screen.getByText(/^La proposition a expiré/)).toBeTruthy();
});

test("declining asks why, from the house's list", async () => {
  start({ offers: [offered] });
  click(screen.getByRole("button", { name: "Décliner" }));
  const dialog = within(screen.getByRole("dialog", { name: "Pourquoi décliner\u202f?" }));
  expect((dialog.getByRole("button", { name: "Décliner" }) as HTMLButtonElement).disabled).toBe(true);
  click(dialog.getByRole("radio", { name: "Je suis déjà très occupé" }));
  click(dialog.getByRole("button", { name: "Décliner" }));
  expect(await done("decline")).toMatchObject({ offer: `${ID}-5`, reason: "busy" });
  expect(screen.queryByRole("dialog")).toBe(null);
});

test("'this was not frustration' on the very words, and the mark says so once it is on record", async () => {
  const socket = start({ conversations: [view()] });
  click(screen.getByRole("button", { name: /Claire Fontaine/ }));
  click(screen.getByRole("button", { name: "Corriger le signal mots d’agacement (+2,1)\u00a0: «\u00a0inadmissible\u202f»" }));
  click(screen.getByRole("button", { name: "Ce n’était pas de l’agacement" }));
  const frame = await done("feedback");
  expect(frame).toMatchObject({ conversation: ID, seq: 2, verdict: "not_frustrated", span: { start: 49, end: 61 } });
  expect(Object.keys(frame).sort()).toEqual(["conversation", "ref", "seq", "span", "type", "verdict"]);
  socket.says(event(5, { kind: "feedback", advisor: "ines", of: 2, verdict: "not_frustrated", span: [49, 61] }));
  expect(screen.getByText(/^Inès.: ce n’était pas de l’agacement$/)).toBeTruthy();
  expect([...document.querySelectorAll("mark")].map((m) => m.getAttribute("data-dismissed"))).toEqual(["false", "true"]);
});

test("Enter sends to the customer; a note goes to colleagues, with whom it calls", () => {
  const socket = start({ conversations: [view()] });
  click(screen.getByRole("button", { name: /Claire Fontaine/ }));
  socket.take();
  const field = screen.getByRole("textbox", { name: "Réponse" });
  type(field, "Bonjour Claire");
  press("Enter", field);
  const sent = socket.take();
  expect(sent.map((f) => f["type"])).toEqual(["typing", "message"]);
  expect(sent[1]).toMatchObject({ conversation: ID, text: "Bonjour Claire" });
  expect(sent[1]).not.toHaveProperty("at");
  expect(screen.getByText("Envoi…")).toBeTruthy();
  socket.says(event(5, { kind: "message", from: "advisor", advisor: "ines", name: "Inès", text: "Bonjour Claire", cid: sent[1]?.["cid"] }));
  expect(screen.getAllByText("Bonjour Claire").filter((e) => e.matches(".text")).length).toBe(1);
  socket.says({ type: "seen", conversation: ID, from: "customer", seq: 5 });
  expect(screen.getByText("Lu")).toBeTruthy();

  click(screen.getByRole("button", { name: "Note interne" }));
  const note = screen.getByRole("textbox", { name: "Note interne" });
  type(note, "@karim tu vois ?");
  press("Enter", note);
  expect(socket.taken("note")).toMatchObject({ text: "@karim tu vois ?", mentions: ["karim"] });
  // Whom one calls is found by the first letters; whoever is not there is said not to be.
  type(note, "@ka");
  expect(screen.getByRole("option", { name: /@Karim/ }).getAttribute("aria-selected")).toBe("true");
  press("Enter", note);
  expect((note as HTMLTextAreaElement).value).toBe("@Karim ");
  type(note, "@zz");
  expect(screen.getByRole("listbox").textContent).toContain("Personne de ce nom");
  type(note, "@Karim merci");
  press("Enter", note);
  expect(socket.taken("note")).toMatchObject({ text: "@Karim merci", mentions: ["karim"] });
});

test("a slash finds a canned reply and puts it in with the customer's name", () => {
  start({ conversations: [view()] });
  click(screen.getByRole("button", { name: /Claire Fontaine/ }));
  const field = screen.getByRole("textbox", { name: "Réponse" }) as HTMLTextAreaElement;
  type(field, "/bonj");
  expect(screen.getAllByRole("option").length).toBe(1);
  press("Enter", field);
  expect(field.value).toMatch(/^Bonjour Claire Fontaine, j’ai lu/);
  expect(screen.queryByRole("listbox")).toBe(null);
});

test("words survive a lost connection and a reload, marked, and go out with the same cid", () => {
  vi.useFakeTimers();
  try {
    let socket = start({ conversations: [view()] });
    click(screen.getByRole("button", { name: /Claire Fontaine/ }));
    socket.closes(1006);
    expect(screen.getByText(/Hors ligne/)).toBeTruthy();
    const field = screen.getByRole("textbox", { name: "Réponse" });
    type(field, "Je reviens");
    press("Enter", field);
    expect(screen.getByText("Pas encore envoyé")).toBeTruthy();
    type(field, "et un brouillon");
    const cid = app.feed.outbox.value[0]?.cid;
    cleanup();
    app.dispose();

    socket = start({ conversations: [view()] });
    expect(socket.taken("message")).toMatchObject({ cid, text: "Je reviens" });
    socket.says({ type: "ack", cid, seq: 5 });
    expect(app.feed.outbox.value).toEqual([]);
    click(screen.getByRole("button", { name: /Claire Fontaine/ }));
    expect((screen.getByRole("textbox", { name: "Réponse" }) as HTMLTextAreaElement).value).toBe("et un brouillon");
  } finally {
    vi.useRealTimers();
  }
});

test("a new welcome replaces all that was there", () => {
  const socket = start({ conversations: [view()], offers: [{ ...offered, offer: "x-1", conversation: "x" }] });
  expect(screen.getByRole("button", { name: /Claire Fontaine/ })).toBeTruthy();
  socket.says(welcome());
  expect(screen.queryByRole("button", { name: /Claire Fontaine/ })).toBe(null);
  expect(screen.queryByRole("article")).toBe(null);
  expect(screen.getByText("Aucune conversation en cours.")).toBeTruthy();
});

test("transfer and close name their target and outcome; what is refused is told in the server's words", async () => {
  const socket = start({ conversations: [view()] });
  click(screen.getByRole("button", { name: /Claire Fontaine/ }));
  click(screen.getByRole("button", { name: "Transférer" }));
  let dialog = within(screen.getByRole("dialog"));
  click(dialog.getByRole("radio", { name: /^Karim/ }));
  type(dialog.getByRole("textbox"), "connaît le dossier");
  click(dialog.getByRole("button", { name: "Transférer" }));
  const frame = socket.taken("transfer");
  expect(frame).toMatchObject({ conversation: ID, to: { advisor: "karim" }, note: "connaît le dossier" });
  socket.says({ type: "error", code: "no_seat", ref: frame["ref"], message: "La capacité de ce conseiller est atteinte." });
  await settle();
  expect(screen.getByText("La capacité de ce conseiller est atteinte.")).toBeTruthy();
  click(within(screen.getByRole("dialog")).getByRole("button", { name: "Annuler" }));

  click(screen.getByRole("button", { name: "Clore" }));
  dialog = within(screen.getByRole("dialog"));
  click(dialog.getByRole("radio", { name: "Résolu" }));
  click(dialog.getByRole("button", { name: "Clore" }));
  expect(await done("close")).toMatchObject({ conversation: ID, outcome: "resolved" });
  socket.says(event(5, { kind: "closed", by: "advisor", outcome: "resolved", advisor: "ines" }), event(6, { kind: "owner", owner: "closed" }), { type: "gone", conversation: ID });
  expect(screen.getByText("Cette conversation est terminée.")).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: "Réponse" })).toBe(null);
});

test("presence is what one says, and the keyboard works unless one writes", async () => {
  start({ conversations: [view(), view({ conversation: "00000000000000bb", customer: { ...customer, profile: { name: "Tom Hale" } } })] });
  click(screen.getByRole("radio", { name: "En pause" }));
  expect(await done("presence")).toMatchObject({ status: "away" });
  // The most urgent one is shown from the start.
  const first = app.selected.value;
  expect(first).toBeDefined();
  press("j");
  expect(app.selected.value).not.toBe(first);
  const field = screen.getByRole("textbox", { name: "Réponse" });
  press("k", field);
  expect(app.selected.value).not.toBe(first);
  press("k");
  expect(app.selected.value).toBe(first);
  press("?");
  expect(screen.getByRole("dialog", { name: "Raccourcis clavier" })).toBeTruthy();
  click(screen.getByRole("checkbox"));
  press("Escape");
  act(() => (app.dialog.value = undefined));
  press("j");
  expect(app.selected.value).toBe(first);
});

test("a supervisor sees who waits and why, takes, gives, and looks without writing to the customer", async () => {
  const socket = start({ waiting: [{ conversation: ID, owner: "queue", queue: "care", since: now.value - 240_000, reason, frustration: 0.86 }] }, "supervisor");
  click(screen.getByRole("button", { name: "Supervision" }));
  const row = screen.getByRole("row", { name: /Agacement net/ });
  expect(row.textContent).toContain("4 min");
  // Only who is there can be given a conversation: the customer is told at once who answers.
  click(within(row).getByRole("button", { name: /Confier Visiteur/ }));
  expect(within(screen.getByRole("dialog")).queryByRole("radio", { name: /Karim/ })).toBe(null);
  socket.says({ type: "presence", ...person("karim", "Karim", { held: 2 }) });
  const dialog = within(screen.getByRole("dialog"));
  click(dialog.getByRole("radio", { name: /Karim/ }));
  click(dialog.getByRole("button", { name: "Confier" }));
  expect(await done("assign")).toMatchObject({ conversation: ID, advisor: "karim" });
  socket.says({ type: "waiting", conversation: ID, owner: "advisor", advisor: "karim", queue: "care", frustration: 0.86, reason });
  // Out of somebody's hands: only after having been asked, and into a line that one sees.
  click(screen.getByRole("button", { name: "Remettre en file" }));
  const back = within(screen.getByRole("dialog"));
  expect((back.getByRole("radio", { name: /Service client/ }) as HTMLInputElement).checked).toBe(true);
  click(back.getByRole("button", { name: "Remettre en file" }));
  expect(await done("requeue")).toMatchObject({ conversation: ID, queue: "care" });
  expect(screen.getByText("Personne n’attend.")).toBeTruthy();
  click(screen.getByRole("button", { name: "Visiteur 0000" }));
  await settle();
  const open = socket.taken("open");
  socket.says({ type: "conversation", ...view({ advisor: "karim" }) }, { type: "ack", ref: open["ref"] });
  await settle();
  expect(screen.getByText("Karim a cette conversation.")).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: "Réponse" })).toBe(null);
  expect(screen.getByRole("textbox", { name: "Note interne" })).toBeTruthy();
});

test("who is named in a colleague's note is called, wherever the note comes from", () => {
  const socket = start({});
  const note = (by: string, mentions: string[]) => event(5, { kind: "note", advisor: by, text: "@ines tu vois ?", mentions });
  socket.says({ type: "conversation", ...view({ advisor: "karim", events: [...history, note("karim", ["ines"])] }) });
  expect(screen.getByText(/^Karim vous appelle dans la conversation avec Claire Fontaine/)).toBeTruthy();
  act(() => app.tell("autre chose"));
  socket.says({ ...note("karim", []), seq: 6 }, { ...note("ines", ["ines"]), seq: 7 });
  expect(screen.queryByText(/vous appelle/)).toBe(null);
  socket.says({ ...note("karim", ["ines"]), seq: 8 });
  expect(screen.getByText(/vous appelle/)).toBeTruthy();
});

test("a supervisor changes what a queue is sent for, and must say why", async () => {
  start({}, "supervisor");
  click(screen.getByRole("button", { name: "Supervision" }));
  click(screen.getByRole("button", { name: "Seuils de Service client" }));
  const dialog = within(screen.getByRole("dialog"));
  const apply = dialog.getByRole<HTMLButtonElement>("button", { name: "Appliquer" });
  expect(apply.disabled).toBe(true);
  const peak = dialog.getByRole<HTMLInputElement>("slider", { name: "Un message" });
  expect(peak.valueAsNumber).toBe(50);
  act(() => {
    peak.value = "60";
    peak.dispatchEvent(new Event("input", { bubbles: true }));
  });
  type(dialog.getByRole("textbox", { name: "Raison du changement" }), "Trop de fausses alertes le samedi");
  click(apply);
  expect(await done("set_policy")).toMatchObject({ queue: "care", peak: 0.6, trend: 0.4, reason: "Trop de fausses alertes le samedi" });
});

test("whatever comes is text, in every place where it is shown", () => {
  const hostile = { id: EVIL, verified: true, profile: { name: EVIL, [EVIL]: EVIL }, page: { title: EVIL }, address: EVIL, earlier: [{ conversation: "e", at: 1, outcome: EVIL, summary: EVIL, peak: 0.9 }] };
  const socket = start({
    conversations: [view({ customer: hostile, reason: { ...reason, sentence: EVIL, policy: EVIL } })],
    queues: [{ queue: "care", name: EVIL, waiting: 1, oldest_ms: null, available: 0, wait_s: null }],
    colleagues: [person("ines", EVIL)],
  });
  click(screen.getAllByRole("button", { name: new RegExp(EVIL.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) })[0] as HTMLElement);
  socket.says(
    { ...offered, offer: "o-1", conversation: "o", customer: hostile, reason: { ...reason, sentence: EVIL } },
    event(5, { kind: "message", from: "customer", text: EVIL }),
    event(6, { kind: "analyzed", of: 5, frustration: 0.5, trend: 0, signals: [{ kind: EVIL, weight: 1, start: 0, end: 4 }], model: EVIL }),
    event(7, { kind: "note", advisor: EVIL, text: EVIL }),
    event(8, { kind: "declined", offer: "x", advisor: EVIL, reason: EVIL, note: EVIL }),
    event(9, { kind: "assigned", advisor: EVIL, how: EVIL, candidates: [{ advisor: EVIL, score: 1, terms: [{ name: EVIL, value: 1 }] }] }),
    event(10, { kind: "message", from: "bot", name: EVIL, text: EVIL, choices: [EVIL] }),
    event(11, { kind: "feedback", advisor: EVIL, of: 5, verdict: "wrong_reason", note: EVIL }),
    event(12, { kind: "survey_answered", satisfaction: 1, comment: EVIL }),
    { type: "error", code: "bad_frame", message: EVIL },
  );
  expect(document.querySelectorAll("img, script").length).toBe(0);
  expect((document.body.textContent ?? "").split(EVIL).length).toBeGreaterThan(20);
  expect("hacked" in globalThis).toBe(false);
});

test("the other language is one choice away, and sentences are asked for again in it", () => {
  start({ conversations: [view()] });
  click(screen.getByRole("button", { name: /Menu/ }));
  act(() => {
    const select = screen.getByRole("combobox", { name: "Langue" }) as HTMLSelectElement;
    select.value = "en";
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  expect(screen.getByRole("heading", { name: "My conversations" })).toBeTruthy();
  expect(document.documentElement.lang).toBe("en");
  expect(FakeSocket.last.opens().taken("hello")).toEqual({ type: "hello", lang: "en" });
});
