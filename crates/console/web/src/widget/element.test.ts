// The element in a page, by what a person or their screen reader finds in it.

import { act, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeSocket } from "../../tests/fake-socket.ts";
import { RelaisChat } from "./element.tsx";

customElements.define("relais-chat", RelaisChat);
const CONVERSATION = "00000000000000aa";
let element: RelaisChat;

/** testing-library wants an element, a shadow root has all that it needs. */
const page = () => within(element.shadowRoot as unknown as HTMLElement);
const welcome = (more: object = {}) => ({ type: "welcome", conversation: CONVERSATION, token: "t1", epoch: "e1", seq: 0, resumed: false, owner: "bot", availability: "open", lang: "fr", survey_open: false, site: { id: "shop", name: "La Boutique", texts: { bot_name: "Pelote", greeting: "Bonjour, je suis Pelote, un robot." } }, ...more });
const event = (seq: number, fields: object) => ({ type: "event", conversation: CONVERSATION, seq, at: 1000 + seq, ...fields });
const click = (target: HTMLElement) => act(() => target.click());
const type = (target: HTMLElement, text: string) =>
  act(() => {
    (target as HTMLTextAreaElement).value = text;
    target.dispatchEvent(new Event("input", { bubbles: true }));
  });
const press = (target: HTMLElement, key: string, more: object = {}) => act(() => void target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true, ...more })));
const open = () => {
  click(page().getByRole("button", { name: "Ouvrir la discussion" }));
  return FakeSocket.last.opens();
};

beforeEach(() => {
  FakeSocket.install();
  localStorage.clear();
  sessionStorage.clear();
  element = document.createElement("relais-chat") as RelaisChat;
  element.setAttribute("site", "shop");
  element.setAttribute("lang", "fr");
  element.setAttribute("server", "http://house");
  act(() => document.body.append(element));
});
afterEach(async () => {
  element.remove();
  await Promise.resolve();
});

test("it opens no socket before it is opened, then greets as the site says, and takes the focus", () => {
  expect(FakeSocket.all.length).toBe(0);
  open().says(welcome());
  expect(FakeSocket.last.url).toBe("ws://house/ws/customer");
  expect(page().getByRole("dialog", { name: "Discussion avec La Boutique" })).toBeTruthy();
  expect(page().getByText("Bonjour, je suis Pelote, un robot.")).toBeTruthy();
  expect(element.shadowRoot?.activeElement).toBe(page().getByLabelText("Votre message"));
  expect(page().getByRole("button", { name: "Parler à quelqu’un" })).toBeTruthy();
});

test("Escape closes it and gives the focus back to its button", () => {
  open().says(welcome());
  press(page().getByLabelText("Votre message"), "Escape");
  expect(page().queryByRole("dialog")).toBe(null);
  expect(element.shadowRoot?.activeElement).toBe(page().getByRole("button", { name: "Ouvrir la discussion" }));
});

test("Enter sends, Shift and Enter does not, nor does Enter that chooses a word of an input method", () => {
  const socket = open().says(welcome());
  socket.take();
  const field = page().getByLabelText("Votre message");
  type(field, "Bonjour");
  press(field, "Enter", { shiftKey: true });
  press(field, "Enter", { isComposing: true });
  expect(socket.take()).toEqual([]);
  press(field, "Enter");
  expect(socket.taken("message")).toMatchObject({ text: "Bonjour" });
  expect(page().getByText("Envoi…")).toBeTruthy();
});

test("it says who speaks: the robot, then a person by name", () => {
  const socket = open().says(welcome(), event(1, { kind: "message", from: "bot", name: "Pelote", text: "Je suis un robot." }));
  const head = () => (element.shadowRoot?.querySelector(".head") as HTMLElement).textContent;
  expect(head()).toContain("Pelote");
  expect(head()).toContain("robot");
  socket.says(event(2, { kind: "owner", owner: "queue" }), { type: "position", ahead: 1, wait_s: { low: 180, expected: 220, high: 300 } });
  expect(page().getByText("Vous êtes 2e dans la file")).toBeTruthy();
  expect(page().getByText("environ 3 à 5 minutes")).toBeTruthy();
  socket.says(event(3, { kind: "owner", owner: "advisor", name: "Inès" }), event(4, { kind: "message", from: "advisor", name: "Inès", text: "Bonjour, Inès." }));
  expect(head()).toContain("Inès");
  expect(head()).toContain("une personne");
  expect(page().queryByText("Vous êtes 2e dans la file")).toBe(null);
  expect(page().getByText("Inès a rejoint la conversation. Une personne vous répond maintenant.")).toBeTruthy();
});

test("choices are buttons that say their text", () => {
  const socket = open().says(welcome(), event(1, { kind: "message", from: "bot", text: "Quoi ?", choices: ["Ma commande", "Un retour"] }));
  socket.take();
  click(page().getByRole("button", { name: "Un retour" }));
  expect(socket.taken("message")).toMatchObject({ text: "Un retour" });
});

test("a page that may not carry it invites nobody to write", () => {
  const socket = open();
  expect(page().getByLabelText("Votre message")).toBeTruthy();
  act(() => socket.closes(4403));
  expect(page().getByText("La discussion n’est pas disponible pour le moment.")).toBeTruthy();
  expect(page().queryByLabelText("Votre message")).toBe(null);
});

test("nobody there: an address can be left, a wrong one is said to be wrong beside its field", () => {
  const socket = open().says(welcome({ availability: "closed" }), event(1, { kind: "owner", owner: "queue" }));
  socket.take();
  const field = page().getByLabelText("E-mail ou téléphone");
  type(field, "moi");
  click(page().getByRole("button", { name: "Laisser ce message" }));
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(socket.take()).toEqual([]);
  type(field, "claire@example.org");
  click(page().getByRole("button", { name: "Laisser ce message" }));
  expect(socket.taken("leave_message")).toMatchObject({ address: "claire@example.org" });
  expect(page().getByText("C’est noté. Nous vous répondrons à claire@example.org.")).toBeTruthy();
});

test("what is written in that form stays when somebody comes, and goes with the conversation", () => {
  const socket = open().says(welcome({ availability: "closed" }), event(1, { kind: "owner", owner: "queue" }));
  type(page().getByLabelText("E-mail ou téléphone"), "claire@exam");
  socket.says({ type: "availability", availability: "busy" });
  expect((page().getByLabelText("E-mail ou téléphone") as HTMLInputElement).value).toBe("claire@exam");
  type(page().getByLabelText("E-mail ou téléphone"), "");
  expect(page().queryByLabelText("E-mail ou téléphone")).toBe(null);
});

test("an answer that is chosen by keyboard leads to where one writes", () => {
  open().says(welcome(), event(1, { kind: "message", from: "bot", text: "Laquelle ?", choices: ["La bleue"] }));
  const choice = page().getByRole("button", { name: "La bleue" });
  choice.focus();
  choice.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 0 }));
  expect(document.querySelector("relais-chat")?.shadowRoot?.activeElement?.id).toBe("text");
});

test.each(["closed", "busy"] as const)("a visitor can ask to be called back, from a moment on, where it is %s", (availability) => {
  const socket = open().says(welcome({ availability }), event(1, { kind: "owner", owner: "queue" }));
  socket.take();
  if (availability === "closed") click(page().getByLabelText("Je préfère être rappelé par téléphone"));
  const field = page().getByLabelText("Numéro de téléphone");
  type(field, "claire@example.org");
  click(page().getByRole("button", { name: "Rappelez-moi" }));
  expect(page().getByText("Indiquez un numéro de téléphone.")).toBeTruthy();
  expect(socket.take()).toEqual([]);
  type(field, "+33 1 23 45 67 89");
  type(page().getByLabelText("Pas avant (facultatif)"), "2030-01-07T09:30");
  click(page().getByRole("button", { name: "Rappelez-moi" }));
  expect(socket.taken("callback")).toMatchObject({ number: "+33 1 23 45 67 89", from: new Date("2030-01-07T09:30").getTime() });
});

test("at the end the survey is answered and a new conversation can begin", () => {
  const socket = open().says(welcome(), event(1, { kind: "message", from: "customer", text: "x" }), event(2, { kind: "survey_asked" }), event(3, { kind: "closed", by: "advisor" }), event(4, { kind: "owner", owner: "closed" }));
  socket.take();
  expect(page().queryByLabelText("Votre message")).toBe(null);
  click(page().getByRole("button", { name: "Envoyer mon avis" }));
  expect(page().getByRole("alert").textContent).toContain("1 à 5");
  const scale = (name: RegExp) => within(page().getByRole("group", { name }));
  click(scale(/satisfait/).getByRole("radio", { name: /4/ }));
  click(scale(/écouté/).getByRole("radio", { name: /5/ }));
  type(page().getByLabelText(/Un mot/), "très bien");
  click(page().getByRole("button", { name: "Envoyer mon avis" }));
  expect(socket.taken("survey")).toMatchObject({ satisfaction: 4, listened: 5, comment: "très bien" });
  click(page().getByRole("button", { name: "Nouvelle conversation" }));
  expect(FakeSocket.last.opens().taken("hello")).toMatchObject({ previous: { conversation: CONVERSATION } });
});

test("whatever is said is text, in every place where it is shown", () => {
  const evil = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>';
  open().says(
    welcome({ site: { id: "shop", name: evil, texts: { bot_name: evil, greeting: evil } } }),
    event(1, { kind: "message", from: "customer", text: evil }),
    event(2, { kind: "message", from: "system", text: evil }),
    event(3, { kind: "owner", owner: "advisor", name: evil }),
    event(4, { kind: "message", from: "advisor", name: evil, text: evil }),
    { type: "typing", from: "advisor", name: evil, on: true },
    event(5, { kind: "owner", owner: "bot" }),
    event(6, { kind: "message", from: "bot", name: evil, text: evil, choices: [evil] }),
  );
  expect(element.shadowRoot?.querySelectorAll("img, script").length).toBe(0);
  expect((element.shadowRoot?.textContent ?? "").split(evil).length).toBeGreaterThan(6);
  expect("hacked" in globalThis).toBe(false);
});

test("a lost connection is told, and what is written meanwhile is marked", () => {
  const socket = open().says(welcome(), event(1, { kind: "message", from: "bot", text: "Bonjour" }));
  socket.closes(1006);
  expect(page().getByText(/Connexion perdue/)).toBeTruthy();
  const field = page().getByLabelText("Votre message");
  type(field, "Encore là ?");
  press(field, "Enter");
  expect(page().getByText(/Pas encore envoyé/)).toBeTruthy();
});

test("new messages are announced, history is not, and the button counts what is unread", async () => {
  const live = () => element.shadowRoot?.querySelector("[aria-live=polite]")?.textContent;
  const socket = open().says(welcome({ seq: 1 }), event(1, { kind: "message", from: "bot", name: "Pelote", text: "ancien" }));
  expect(live()).toBe("");
  press(page().getByLabelText("Votre message"), "Escape");
  await act(() => Promise.resolve());
  socket.says(event(2, { kind: "message", from: "advisor", name: "Inès", text: "nouveau" }));
  expect(live()).toBe("Inès\u00a0: nouveau");
  expect(page().getByRole("button", { name: "Ouvrir la discussion (1 message non lu)" })).toBeTruthy();
});

test("the page is told when it may call, before anything is opened", async () => {
  const heard: string[] = [];
  const fresh = document.createElement("relais-chat");
  fresh.setAttribute("site", "demo");
  fresh.addEventListener("ready", () => heard.push("ready"));
  document.body.append(fresh);
  await Promise.resolve();
  expect(heard).toEqual(["ready"]);
  fresh.remove();
});

test("the page is told, and can open, close and reset", () => {
  const heard: string[] = [];
  for (const name of ["open", "conversation", "message", "availability"]) element.addEventListener(name, () => heard.push(name));
  act(() => element.open());
  FakeSocket.last.opens().says(welcome(), event(1, { kind: "message", from: "bot", text: "Bonjour" }), { type: "availability", availability: "busy" });
  expect(heard).toEqual(["open", "availability", "conversation", "message", "availability"]);
  act(() => element.close());
  expect(page().queryByRole("dialog")).toBe(null);
  act(() => element.open());
  act(() => element.reset());
  expect(page().queryByRole("dialog")).toBe(null);
  expect(FakeSocket.last.closedWith).toBe(1000);
});
