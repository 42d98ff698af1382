// Chromium, and pages that remember everything that went wrong in them.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const SCREENSHOTS = process.env.SCREENSHOTS ?? new URL("../../target/browser", import.meta.url).pathname;
/** How long a thing that should happen at once may take on a busy machine. */
export const SOON_MS = 15_000;

export async function launch() {
  const args = ["--disable-dev-shm-usage"];
  // Chromium's sandbox refuses to run as root, which is who runs tests in most containers.
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}

/** A browser of one person: their language, their cookies, and the list of all that their pages complained about. */
export async function person(browser, locale, options = {}) {
  const context = await browser.newContext({ locale, timezoneId: "Europe/Paris", viewport: { width: 1280, height: 820 }, ...options });
  context.setDefaultTimeout(SOON_MS);
  const complaints = [];
  await context.exposeBinding("relaisViolated", (_, what) => complaints.push(`policy: ${what}`));
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => globalThis.relaisViolated(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
  });
  context.on("page", (page) => {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`thrown: ${error.stack}`));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("requestfailed", (request) => {
      // A page that is left or reloaded lets go of what it was asking for.
      if (request.failure()?.errorText !== "net::ERR_ABORTED") complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
    });
  });
  return { context, complaints };
}

export async function shot(page, name) {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
