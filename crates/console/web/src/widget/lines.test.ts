// What the visitor reads.

import { expect, test } from "vitest";
import type { CustomerEvent } from "../wire.ts";
import { isAddress } from "./forms.tsx";
import { initials, type Line, lines, markSeen } from "./lines.ts";
import { language, texts } from "./texts/index.ts";

const t = texts("fr");
const stamp = (seq: number) => ({ conversation: "00000000000000aa", seq, at: seq });
const said = (seq: number, from: "customer" | "bot" | "advisor" | "system", text: string, more: object = {}): CustomerEvent => ({ ...stamp(seq), kind: "message", from, text, ...more });
const owner = (seq: number, word: "bot" | "queue" | "offered" | "advisor" | "closed", name?: string): CustomerEvent => ({ ...stamp(seq), kind: "owner", owner: word, ...(name === undefined ? {} : { name }) });
const shown = (events: CustomerEvent[]) => lines(events, [], [], true, t, "Pelote");
const texted = (all: Line[]) => all.map((line) => line.text);

test("every change of hands is told, once, and an offer is no change", () => {
  const all = shown([said(1, "customer", "au secours"), owner(2, "queue"), owner(3, "offered"), owner(4, "queue"), owner(5, "advisor", "Inès"), owner(6, "bot"), owner(7, "closed")]);
  expect(texted(all)).toEqual(["au secours", t.told.queue, t.told.advisor("Inès"), t.told.bot, t.told.closed]);
});

test("where the server says it in words of its own, ours are not added", () => {
  const all = shown([owner(1, "queue"), said(2, "system", "Je vous mets en relation."), owner(3, "advisor", "Inès"), said(4, "system", "Inès vous répond."), said(5, "advisor", "Bonjour", { name: "Inès" }), owner(6, "closed")]);
  expect(texted(all)).toEqual(["Je vous mets en relation.", "Inès vous répond.", "Bonjour", t.told.closed]);
});

test("choices stand under the last thing said, and go when somebody answers", () => {
  const asked = said(1, "bot", "Quoi ?", { choices: ["a", "b"] });
  const choices = (events: CustomerEvent[]) => shown(events).flatMap((line) => (line.is === "said" ? (line.choices ?? []) : []));
  expect(choices([asked])).toEqual(["a", "b"]);
  expect(choices([asked, said(2, "customer", "a")])).toEqual([]);
  expect(choices([asked, owner(2, "queue")])).toEqual([]);
});

test("what is not sent says whether it is on its way, and keeps its key when it becomes an event", () => {
  const pending = { at: 5, frame: { type: "message" as const, cid: "c1", text: "moi" } };
  const state = (online: boolean) => lines([], [pending], [], online, t, "Pelote").map((l) => (l.is === "said" ? [l.key, l.state] : []));
  expect(state(true)).toEqual([["c1", "sending"]]);
  expect(state(false)).toEqual([["c1", "waiting"]]);
  const sent = lines([said(1, "customer", "moi", { cid: "c1" })], [pending], [], true, t, "Pelote");
  expect(sent.map((l) => (l.is === "said" ? [l.key, l.state] : []))).toEqual([["c1", "sent"]]);
});

test("what was refused says why: the visitor's words beside them, a wish in a line of its own", () => {
  const failed = (frame: object) => ({ at: 1, frame, problem: "Trop de demandes." }) as Parameters<typeof lines>[2][number];
  const all = lines([], [], [failed({ type: "message", cid: "c1", text: "moi" }), failed({ type: "human", cid: "c2" })], true, t, "Pelote");
  expect(all).toMatchObject([{ is: "said", text: "moi", state: "failed", failed: { problem: "Trop de demandes." } }, { is: "told", text: "Trop de demandes." }]);
});

test("read is told of the last line alone", () => {
  const all = markSeen(shown([said(1, "customer", "a"), said(2, "customer", "b")]), 2);
  expect(all.map((line) => line.is === "said" && line.seen === true)).toEqual([false, true]);
  expect(markSeen(shown([said(3, "customer", "c")]), 2)[0]).not.toHaveProperty("seen");
});

test("places and waits read as people say them", () => {
  expect(t.place(0)).toBe("Vous êtes en tête de la file");
  expect(t.place(1)).toBe("Vous êtes 2e dans la file");
  expect(t.wait({ low: 170, expected: 220, high: 300 })).toBe("environ 2 à 5 minutes");
  expect(t.wait({ low: 200, expected: 220, high: 290 })).toBe("environ 3 à 5 minutes");
  expect(t.wait({ low: 5, expected: 20, high: 50 })).toBe("moins d’une minute");
  expect(t.wait({ low: 61, expected: 70, high: 100 })).toBe("environ 1 à 2 minutes");
  expect(t.wait({ low: 10, expected: 30, high: 60 })).toBe("environ 1 minute");
  const en = texts("en");
  expect([1, 2, 3, 10, 11, 20, 21].map((ahead) => en.place(ahead).split(" ")[2])).toEqual(["2nd", "3rd", "4th", "11th", "12th", "21st", "22nd"]);
});

test("languages fall back by primary subtag, then to English", () => {
  expect(language("fr-CA", "en")).toBe("fr");
  expect(language(null, "", "de", "EN-gb")).toBe("en");
  expect(language("constructor")).toBe("en");
});

test("names become initials, whatever they are written in", () => {
  expect(["Inès", "Inès Moreau", "Jean-Luc Le Goff", "  ", "李 小龙", "😀 x"].map(initials)).toEqual(["I", "IM", "JG", "", "李小", "😀X"]);
});

test("an address is an e-mail address or a telephone number", () => {
  for (const good of ["a@b.fr", " claire.fontaine@example.org ", "06 12 34 56 78", "+33 (0)6-12.34.56.78"]) expect(isAddress(good), good).toBe(true);
  for (const bad of ["", "moi", "a@b", "12345", "a b@c.fr", "<script>", "x".repeat(300) + "@a.fr", "06 12 34 ab"]) expect(isAddress(bad), bad).toBe(false);
});
