// What axe-core can check of every page, in use: WCAG 2.2 A and AA.

import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { advisor, visitor } from "./people.mjs";
import { stage } from "./stage.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const on = stage();

async function objections(page) {
  const { violations, passes } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  assert.ok(passes.length > 10, "axe has looked at something");
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`shop, widget and console, ${colorScheme}`, async () => {
    // axe brings its own script into the page, which the pages' policy rightly refuses.
    const options = { bypassCSP: true, colorScheme };
    const name = colorScheme === "light" ? "Inès" : "Karim";
    const ines = await advisor(on.browser, on.relais.links.get(name), "fr", options);
    await ines.page.goto(`${on.relais.base}/console`);
    await ines.page.getByRole("button", { name: "Se connecter" }).waitFor();
    assert.deepEqual(await objections(ines.page), [], "signing in");
    await ines.page.goto("about:blank");
    await ines.signIn();
    await ines.isAvailable();

    const camille = await visitor(on.browser, on.relais.base, "fr", options);
    await camille.arrive();
    await camille.says("C’est la troisième fois que je vous écris, c’est inadmissible !!");
    const offer = await ines.offer();
    assert.deepEqual(await objections(ines.page), [], "an offer");
    await ines.accepts(offer);
    await ines.says("Bonjour, je m’en occupe.");
    await camille.reads("Bonjour, je m’en occupe.");
    assert.deepEqual(await objections(ines.page), [], "a conversation at the console");
    assert.deepEqual(await objections(camille.page), [], "the shop with the widget open");
    await ines.closes();
    await camille.widget.getByText("Votre avis nous aide").waitFor();
    assert.deepEqual(await objections(camille.page), [], "the survey");
    await camille.context.close();
    await ines.context.close();
  });
}
