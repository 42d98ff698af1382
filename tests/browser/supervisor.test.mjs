// The conductor: sees who is with whom, joins and speaks, and changes what brings a conversation to people.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot } from "./browser.mjs";
import { advisor, visitor } from "./people.mjs";
import { stage } from "./stage.mjs";

const on = stage();

test("a supervisor joins a conversation, speaks in it, and changes a threshold", async () => {
  const ines = await advisor(on.browser, on.relais.links.get("Inès"), "fr");
  await ines.signIn();
  await ines.isAvailable();
  const camille = await visitor(on.browser, on.relais.base, "fr");
  await camille.arrive();
  await camille.asksForSomeone();
  await ines.accepts(await ines.offer());
  await ines.says("Bonjour, que puis-je pour vous ?");

  const claire = await advisor(on.browser, on.relais.links.get("Claire"), "fr");
  await claire.signIn();
  await claire.page.getByRole("button", { name: "Supervision" }).click();
  await shot(claire.page, "board-1");
  await claire.page.getByRole("button", { name: "Rejoindre" }).click();
  await camille.reads(/Claire rejoint la conversation/);
  await claire.says("Bonjour, Claire, la responsable. Je vous écoute aussi.");
  await camille.reads("Bonjour, Claire, la responsable. Je vous écoute aussi.");
  await ines.reads("Bonjour, Claire, la responsable. Je vous écoute aussi.");
  await shot(claire.page, "board-2-joined");
  await camille.says("Merci à vous deux.");
  await claire.reads("Merci à vous deux.");

  // What brings a conversation to people, from now on and with a reason.
  await claire.page.getByRole("button", { name: "Supervision" }).click();
  await claire.page.getByRole("button", { name: "Seuils de Service client" }).click();
  const dialog = claire.page.getByRole("dialog");
  await dialog.getByRole("slider", { name: "Un message" }).fill("70");
  await dialog.getByRole("textbox", { name: "Raison du changement" }).fill("Trop de fausses alertes le samedi");
  await shot(claire.page, "board-3-thresholds");
  await dialog.getByRole("button", { name: "Appliquer" }).click();
  await claire.page.getByRole("row", { name: /Service client/ }).getByText(/^70/).waitFor();
  await shot(claire.page, "board-4-changed");
  for (const person of [camille, ines, claire]) {
    assert.deepEqual(person.complaints, []);
    await person.context.close();
  }
});
