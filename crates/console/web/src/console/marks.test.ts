// Where something was heard, in code points.

import { expect, test } from "vitest";
import { gathered, pieces, strength, words } from "./marks.ts";

const signal = (kind: string, weight: number, start: number, end: number) => ({ kind, weight, start, end });
const shape = (text: string, ...signals: ReturnType<typeof signal>[]) => pieces(text, signals).map((p) => (p.signals.length === 0 ? p.text : `[${p.text}|${p.signals.join(",")}]`)).join("");

test("spans count code points: an emoji before them does not move them", () => {
  expect(shape("😡😡 inadmissible !!", signal("annoyance", 2, 3, 15))).toBe("😡😡 [inadmissible|0] !!");
  expect(words("😡 c’est é", { start: 2, end: 7 })).toBe("c’est");
});

test("spans that overlap share a piece, led by the strongest", () => {
  expect(shape("troisième fois !!", signal("repeated_contact", 1, 0, 14), signal("annoyance", 2, 10, 17))).toBe("[troisième |0][fois|1,0][ !!|1]");
  expect(shape("abc", signal("thanks", -3, 0, 2), signal("urgency", 1, 0, 2))).toBe("[ab|0,1]c");
});

test("spans that point outside, or at nothing, mark nothing; no text is lost whatever they are", () => {
  const text = "où est-elle ?";
  for (const [start, end] of [[-1, 3], [3, 3], [5, 2], [0, 99], [99, 100], [Number.NaN, 2]] as const) expect(shape(text, signal("annoyance", 1, start, end)), `${start}–${end}`).toBe(text);
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 500; round++) {
    const many = Array.from({ length: random(6) }, () => signal("annoyance", random(5) - 2, random(16) - 1, random(16) - 1));
    expect(pieces(text, many).map((p) => p.text).join("")).toBe(text);
  }
  expect(pieces("", [signal("annoyance", 1, 0, 1)])).toEqual([]);
});

test("wording that is all of the message is no mark, wording of a part is", () => {
  expect(shape("tout le message", signal("wording", 1, 0, 15))).toBe("tout le message");
  expect(shape("tout le message", signal("wording", 1, 0, 4))).toBe("[tout|0] le message");
});

test("faint turns of phrase are told as one, and nothing is lost of the sum", () => {
  const all = [signal("annoyance", 3.6, 3, 15), signal("wording", 0.3, 0, 2), signal("wording", -0.1, 2, 4), signal("wording", 0.7, 4, 9)];
  const told = gathered(all);
  expect(told.map((s) => s.kind)).toEqual(["annoyance", "wording", "rest"]);
  expect(told.reduce((sum, s) => sum + s.weight, 0)).toBeCloseTo(4.5);
  expect(told.at(-1)).toMatchObject({ start: 0, end: 0 });
  expect(gathered([])).toEqual([]);
});

test("strength has three steps, and what calms is apart", () => {
  expect([-0.1, 0.1, 0.6, 1.4].map(strength)).toEqual(["calm", "light", "clear", "strong"]);
});
