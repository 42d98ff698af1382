// What a visitor and an advisor do, in the words that they see: by role and name, never by class.

import { person, SOON_MS } from "./browser.mjs";

const WORDS = {
  fr: {
    locale: "fr-FR",
    open: /Ouvrir la discussion/,
    log: "Messages",
    write: "Votre message",
    human: "Parler à quelqu’un",
    satisfied: "Êtes-vous satisfait de cet échange ?",
    listened: "Vous êtes-vous senti écouté ?",
    fully: /^5/,
    survey: "Envoyer mon avis",
    thanks: "Merci de votre avis !",
    available: "Disponible",
    accept: /Accepter/,
    reply: "Réponse",
    close: "Clore",
    closeIt: "Clore",
    resolved: "Résolu",
    thread: /^Conversation avec/,
  },
  en: {
    locale: "en-GB",
    open: /Open the chat/,
    log: "Messages",
    write: "Your message",
    human: "Talk to someone",
    satisfied: /satisfied/,
    listened: /listened to/,
    fully: /^5/,
    survey: "Send my opinion",
    thanks: /Thank you/,
    available: "Available",
    accept: /Accept/,
    reply: "Reply",
    close: "Close",
    closeIt: "Close it",
    resolved: "Resolved",
    thread: /^Conversation with/,
  },
};

/** Somebody on the shop's page. */
export async function visitor(browser, base, lang, options) {
  const words = WORDS[lang];
  const { context, complaints } = await person(browser, words.locale, options);
  const page = await context.newPage();
  const widget = page.locator("relais-chat");
  const log = widget.getByRole("log", { name: words.log });
  const composer = widget.getByRole("textbox", { name: words.write, exact: true });
  return {
    page,
    context,
    complaints,
    widget,
    log,
    composer,
    async arrive(path = `/?lang=${lang}`) {
      await page.goto(base + path);
      await widget.getByRole("button", { name: words.open }).click();
      await composer.waitFor();
    },
    async says(text) {
      await composer.fill(text);
      await composer.press("Enter");
      await log.getByText(text, { exact: true }).last().waitFor();
    },
    async reads(text) {
      await log.getByText(text).last().waitFor();
    },
    async asksForSomeone() {
      await widget.getByRole("button", { name: words.human }).click();
    },
    async answersSurvey(comment) {
      const mark = (question) => widget.getByRole("group", { name: question }).getByRole("radio", { name: words.fully });
      // The radio itself is out of sight; its label is what one presses.
      await mark(words.satisfied).check({ force: true });
      await mark(words.listened).check({ force: true });
      await widget.locator("#comment").fill(comment);
      await widget.getByRole("button", { name: words.survey }).click();
      await widget.getByText(words.thanks).waitFor();
    },
  };
}

/** Somebody at the console, signed in by the one-time link. */
export async function advisor(browser, link, lang, options) {
  const words = WORDS[lang];
  const { context, complaints } = await person(browser, words.locale, options);
  const page = await context.newPage();
  const thread = page.getByRole("region", { name: words.thread });
  const log = page.getByRole("log", { name: words.thread });
  return {
    page,
    context,
    complaints,
    thread,
    log,
    async signIn() {
      await page.goto(link);
      await page.getByRole("radio", { name: words.available }).waitFor();
    },
    async isAvailable() {
      const choice = page.getByRole("radio", { name: words.available });
      await choice.check({ force: true });
      await page.waitForFunction((input) => input?.checked === true, await choice.elementHandle());
    },
    /** The offer's card, once it is there. */
    async offer() {
      const card = page.getByRole("article").first();
      await card.waitFor({ timeout: SOON_MS });
      return card;
    },
    async accepts(card) {
      await card.getByRole("button", { name: words.accept }).click();
      await page.getByRole("textbox", { name: words.reply }).waitFor();
    },
    async says(text) {
      const field = page.getByRole("textbox", { name: words.reply });
      await field.fill(text);
      await field.press("Enter");
      await log.getByText(text, { exact: true }).last().waitFor();
    },
    async reads(text) {
      await log.getByText(text, { exact: true }).first().waitFor();
    },
    /** The words that are marked, in the order of the text. */
    async marked() {
      return log.locator("mark").allTextContents();
    },
    async closes() {
      await thread.getByRole("button", { name: words.close, exact: true }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("radio", { name: words.resolved, exact: true }).check();
      await dialog.getByRole("button", { name: words.closeIt, exact: true }).click();
      await dialog.waitFor({ state: "hidden" });
    },
  };
}
