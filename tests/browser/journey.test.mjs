// The main job, end to end: a visitor is answered by the bot, heard, and with the right person, who knows everything.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot } from "./browser.mjs";
import { advisor, visitor } from "./people.mjs";
import { stage } from "./stage.mjs";

const on = stage();

test("in French: answered, annoyed, handed over, talked to, closed, asked", async () => {
  const ines = await advisor(on.browser, on.relais.links.get("Inès"), "fr");
  await ines.signIn();
  assert.equal(new URL(ines.page.url()).hash, "", "the one-time code leaves the address");
  await ines.isAvailable();

  const asked = "Bonjour, où en est ma commande 4521 ?";
  const angry = "C'est la troisième fois que je vous écris, c'est inadmissible !!";
  const camille = await visitor(on.browser, on.relais.base, "fr");
  await camille.arrive();
  await shot(camille.page, "fr-1-shop");
  await camille.says(asked);
  // The question is the first to name the order, the bot's answer the second.
  await camille.log.getByText(/4521/).nth(1).waitFor();
  await camille.widget.getByText("robot").first().waitFor();
  await shot(camille.page, "fr-2-bot-answers");

  await camille.says(angry);
  const offer = await ines.offer();
  const why = await offer.innerText();
  assert.match(why, /troisième fois|inadmissible/, "the offer quotes the words that decided it");
  assert.match(why, /agacement|répétition|déjà/i, "and says in French what was heard in them");
  await shot(ines.page, "fr-3-offer");
  await ines.accepts(offer);

  await ines.reads(asked);
  await ines.reads(angry);
  const marked = (await ines.marked()).join(" | ");
  assert.match(marked, /troisième fois/);
  assert.match(marked, /inadmissible/);
  await camille.reads(/Inès/);

  await ines.says("Bonjour, je suis Inès. J’ai lu votre échange, je regarde votre commande tout de suite.");
  await camille.reads("Bonjour, je suis Inès. J’ai lu votre échange, je regarde votre commande tout de suite.");
  await camille.says("Merci, enfin quelqu’un !");
  await ines.reads("Merci, enfin quelqu’un !");
  await ines.says("Elle est partie ce matin ; voici le suivi. Vous l’aurez demain.");
  await camille.reads("Elle est partie ce matin ; voici le suivi. Vous l’aurez demain.");
  await shot(ines.page, "fr-4-console");
  await shot(camille.page, "fr-5-widget");

  await camille.page.reload();
  await camille.reads(asked);
  await camille.reads("Elle est partie ce matin ; voici le suivi. Vous l’aurez demain.");
  await camille.says("Parfait, merci.");
  await ines.reads("Parfait, merci.");
  assert.equal(await camille.log.getByText(angry, { exact: true }).count(), 1, "nothing is shown twice after a reload");

  await ines.closes();
  await shot(camille.page, "fr-6-survey");
  await camille.answersSurvey("Enfin écoutée.");
  await shot(camille.page, "fr-7-thanks");
  await ines.page.getByText(/satisfaction 5\/5/).first().waitFor();
  await shot(ines.page, "fr-8-closed");

  assert.deepEqual(camille.complaints, []);
  assert.deepEqual(ines.complaints, []);
  await camille.context.close();
  await ines.context.close();
});

test("in English: asks for a person with nothing said before, and is with one", async () => {
  const tom = await advisor(on.browser, on.relais.links.get("Tom"), "en");
  await tom.page.goto(`${on.relais.base}/console`);
  await tom.page.getByRole("heading", { level: 1 }).waitFor();
  assert.match(tom.complaints.splice(0).join("\n"), /^.*401.*$/, "Chromium notes that nobody is signed in, and nothing else");
  // The link opens in a tab that is on the console already: only its fragment changes.
  await tom.signIn();
  await tom.isAvailable();
  const sam = await visitor(on.browser, on.relais.base, "en");
  await sam.arrive();
  await sam.asksForSomeone();
  const offer = await tom.offer();
  assert.doesNotMatch(await offer.innerText(), /demande|conversation passée/i, "the console speaks the advisor's language");
  await shot(tom.page, "en-1-offer");
  await tom.accepts(offer);
  await tom.says("Hello, Tom here. How can I help?");
  await sam.reads("Hello, Tom here. How can I help?");
  await sam.says("My parcel says delivered, but it is not here.");
  await tom.reads("My parcel says delivered, but it is not here.");
  await shot(sam.page, "en-2-widget");
  await tom.closes();
  await shot(sam.page, "en-3-survey");
  await shot(tom.page, "en-4-closed");
  await sam.answersSurvey("");
  assert.deepEqual(sam.complaints, []);
  assert.deepEqual(tom.complaints, []);
  await sam.context.close();
  await tom.context.close();
});
