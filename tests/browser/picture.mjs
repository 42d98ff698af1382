// docs/console.png: a real conversation in the demo, as the advisor sees it. `npm run picture`, after a build.

import { launch } from "./browser.mjs";
import { advisor, visitor } from "./people.mjs";
import { startDemo } from "./relais.mjs";

const PICTURE = new URL("../../docs/console.png", import.meta.url).pathname;
const relais = await startDemo();
const browser = await launch();
try {
  const ines = await advisor(browser, relais.links.get("Inès"), "fr", { viewport: { width: 1440, height: 860 }, deviceScaleFactor: 1.5 });
  await ines.signIn();
  await ines.isAvailable();
  const camille = await visitor(browser, relais.base, "fr");
  await camille.arrive();
  await camille.says("Bonjour, où en est ma commande 4521 ?");
  await camille.reads(/commande.*4521/i);
  await camille.says("C'est la troisième fois que je vous écris, c'est inadmissible !!");
  await ines.accepts(await ines.offer());
  await ines.says("Bonjour, je suis Inès. J’ai lu votre échange : je regarde votre commande tout de suite.");
  await camille.reads("Bonjour, je suis Inès. J’ai lu votre échange : je regarde votre commande tout de suite.");
  await ines.page.getByRole("textbox", { name: "Réponse" }).fill("Votre colis est à l’agence de Roubaix. Je demande une livraison demain avant midi.");
  await ines.log.getByText("inadmissible").first().scrollIntoViewIfNeeded();
  await ines.log.evaluate((log) => log.scrollTo({ top: log.querySelector("mark[data-strength]")?.closest(".said.trigger")?.offsetTop - log.offsetTop - 90 || log.scrollTop }));
  await ines.page.waitForTimeout(600);
  await ines.page.screenshot({ path: PICTURE });
  console.log(PICTURE);
} finally {
  await browser.close();
  await relais.stop();
}
