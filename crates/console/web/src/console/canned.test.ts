// Canned replies: found by what stands behind the slash.

import { expect, test } from "vitest";
import { fill, find, save, SHIPPED, slash } from "./canned.ts";

test("a slash counts at the start and after a space, up to the caret", () => {
  expect(slash("/bon", 4)).toEqual({ from: 0, typed: "bon" });
  expect(slash("oui /", 5)).toEqual({ from: 4, typed: "" });
  expect(slash("oui /mer ci", 8)).toEqual({ from: 4, typed: "mer" });
  for (const [text, caret] of [["et/ou", 5], ["https://x", 9], ["/bon jour", 9], ["", 0]] as const) expect(slash(text, caret), text).toBe(undefined);
});

test("the customer's language comes first, and names before texts", () => {
  expect(find("", "en")[0]?.lang).toBe("en");
  expect(find("bon", "fr")[0]?.name).toBe("bonjour");
  expect(find("remboursement-inconnu", "fr")).toEqual([]);
});

test("the name is filled in, or left out with its space", () => {
  expect(fill("Bonjour {client}, oui", "Claire")).toBe("Bonjour Claire, oui");
  expect(fill("Bonjour {client}, oui", undefined)).toBe("Bonjour, oui");
});

test("one's own replace those that came along, until there are none", () => {
  save([{ name: "moi", lang: "fr", text: "à moi" }]);
  expect(find("", "fr").map((c) => c.name)).toEqual(["moi"]);
  save([]);
  expect(find("", "fr").length).toBe(Math.min(8, SHIPPED.length));
});
