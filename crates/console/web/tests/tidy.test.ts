// Rules that no compiler knows, over every source file.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SHIPPED } from "../src/console/canned.ts";
import { en as consoleEn } from "../src/console/texts/en.ts";
import { fr as consoleFr } from "../src/console/texts/fr.ts";
import { en as shopEn } from "../src/shop/texts/en.ts";
import { fr as shopFr } from "../src/shop/texts/fr.ts";
import { en as widgetEn } from "../src/widget/texts/en.ts";
import { fr as widgetFr } from "../src/widget/texts/fr.ts";

const SRC = join(import.meta.dirname, "../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(tsx?|css)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(SRC, name), "utf8") }));

test("every file says first what it is", () => {
  expect(files.length).toBeGreaterThan(40);
  for (const { name, text } of files) expect(text.startsWith("// ") || text.startsWith("/* "), name).toBe(true);
});

test("no text becomes markup, code or inline style: the content security policy refuses it, and so do we", () => {
  const banned = [/innerHTML/i, /outerHTML/, /insertAdjacentHTML/, /document\.write/, /\beval\(/, /new Function\(/, /\sstyle=/, /setAttribute\("style/, /javascript:/];
  for (const { name, text } of files) for (const pattern of banned) expect(pattern.test(text), `${name}: ${pattern}`).toBe(false);
});

test("names are exported by name", () => {
  for (const { name, text } of files) expect(/export default/.test(text), name).toBe(false);
});

/** Every text, functions called with samples. */
function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") {
    const sample = path.endsWith("duration") ? 4000 : path.endsWith(".wait") || path.endsWith("estimate") ? { low: 70, expected: 90, high: 200 } : 3;
    const samples = Array.from({ length: value.length }, () => sample);
    return [[path, String(value(...samples))]];
  }
  if (typeof value === "object" && value !== null) return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
  return [];
}

test("French is set as French is: no-break spaces before high punctuation and inside guillemets, typographic apostrophes", () => {
  for (const [path, text] of [...leaves(widgetFr, "widget"), ...leaves(consoleFr, "console"), ...leaves(shopFr, "shop"), ...leaves(SHIPPED.filter((c) => c.lang === "fr"), "canned")]) {
    expect(/ [?!;:»%]| »|« /.test(text), `${path}: ${text}`).toBe(false);
    expect(/\p{L}'\p{L}/u.test(text), `${path}: ${text}`).toBe(false);
    expect(text.trim() === "" && !path.endsWith("withdrawn"), path).toBe(false);
  }
});

test("both languages have the same words to say, lists included", () => {
  for (const [fr, en] of [[widgetFr, widgetEn], [consoleFr, consoleEn], [shopFr, shopEn]]) {
    const paths = (texts: unknown) => leaves(texts, "").map(([path]) => path).sort();
    expect(paths(en)).toEqual(paths(fr));
  }
});
