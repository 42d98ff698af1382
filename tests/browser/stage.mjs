// What every test file begins and ends with: the real program on a fresh folder, and a browser.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { launch } from "./browser.mjs";
import { startDemo } from "./relais.mjs";

/** Filled before the first test of the file, and taken down after its last: the program must end well. */
export function stage() {
  const stage = { relais: undefined, browser: undefined };
  before(async () => {
    stage.relais = await startDemo();
    stage.browser = await launch();
  });
  after(async () => {
    await stage.browser?.close();
    assert.equal(await stage.relais?.stop(), 0, stage.relais?.said());
  });
  return stage;
}
