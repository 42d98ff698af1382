// Whatever a visitor sends is text: no payload becomes an element, a script or a request, on either side.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shot } from "./browser.mjs";
import { advisor, visitor } from "./people.mjs";
import { stage } from "./stage.mjs";

/** Each would show itself: by a dialog, by an element of this id, or by a request. */
const PAYLOADS = [
  "<img id=pwned src=x onerror=alert(1)>",
  "<script id=pwned>alert(1)</script>",
  "<svg id=pwned onload=alert(1)></svg>",
  "<iframe id=pwned srcdoc='<script>parent.alert(1)</script>'></iframe>",
  "\"><b id=pwned>x</b>",
  "'-alert(1)-'",
  "javascript:alert(1)",
  "[click](javascript:alert(1))",
  "![x](http://pwned.invalid/x.png)",
  "{{constructor.constructor('alert(1)')()}}",
  "${alert(1)}",
  "<a id=pwned href=javascript:alert(1)>x</a>",
  "<style id=pwned>*{background:url(http://pwned.invalid/x)}</style>",
  "<math id=pwned><mtext><option><FAKEFAKE><option></option><mglyph><svg><mtext><textarea><path id=\"</textarea><img onerror=alert(1) src=1>\">",
  "<details id=pwned open ontoggle=alert(1)>",
  "<template id=pwned shadowrootmode=open><slot></slot></template>",
  "\u202Egnp.exe\u202C <b id=pwned>rtl</b>",
  "\u0000\u0007<i id=pwned>control</i>",
  "&lt;b id=pwned&gt;entities&lt;/b&gt;",
  "<!--><img id=pwned src=x onerror=alert(1)>-->",
];

const on = stage();

/** Elements that a payload made, in the page and in every shadow root of it. */
async function made(page) {
  return page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter((root) => root !== null)];
    return roots.flatMap((root) => [...root.querySelectorAll("#pwned, script:not([src])")].map((e) => e.outerHTML));
  });
}

test("payloads in messages, page titles and addresses, and in an advisor's words and notes", async () => {
  const ines = await advisor(on.browser, on.relais.links.get("Inès"), "fr");
  await ines.signIn();
  await ines.isAvailable();
  const asked = [];
  const mallory = await visitor(on.browser, on.relais.base, "fr");
  for (const side of [mallory, ines]) side.page.on("request", (request) => asked.push(request.url()));

  await mallory.page.addInitScript((payload) => addEventListener("DOMContentLoaded", () => (document.title = payload)), PAYLOADS[0]);
  await mallory.arrive(`/?lang=fr&q=${encodeURIComponent(PAYLOADS[1])}#${encodeURIComponent(PAYLOADS[2])}`);
  await mallory.asksForSomeone();
  const offer = await ines.offer();
  await ines.accepts(offer);
  for (const payload of PAYLOADS) {
    await mallory.composer.fill(payload);
    await mallory.composer.press("Enter");
    await mallory.page.waitForFunction((field) => field.value === "", await mallory.composer.elementHandle());
  }
  await mallory.says("C’est tout pour la cliente.");
  await ines.reads("C’est tout pour la cliente.");
  for (const payload of PAYLOADS.slice(0, 6)) await ines.says(payload);
  await ines.says("C’est tout pour la conseillère.");
  await mallory.reads("C’est tout pour la conseillère.");
  await ines.page.getByRole("button", { name: "Note interne" }).click();
  await ines.page.getByRole("textbox", { name: "Note interne" }).fill(PAYLOADS[0]);
  await ines.page.getByRole("textbox", { name: "Note interne" }).press("Enter");
  await ines.log.getByText(PAYLOADS[0], { exact: true }).last().waitFor();
  await shot(ines.page, "hostile-console");
  await shot(mallory.page, "hostile-widget");

  for (const side of [mallory, ines]) {
    const said = await side.log.innerText();
    for (const shown of ["<script id=pwned>alert(1)</script>", "<img id=pwned src=x onerror=alert(1)>", "&lt;b id=pwned&gt;"]) {
      assert.ok(said.includes(shown), `shown as it was written: ${shown}`);
    }
    assert.deepEqual(await made(side.page), []);
    assert.deepEqual(side.complaints, []);
  }
  const strangers = asked.filter((url) => !url.startsWith(on.relais.base) && !url.startsWith(on.relais.base.replace("http", "ws")) && !url.startsWith("data:"));
  assert.deepEqual(strangers, [], "nothing is asked of anybody else");
});
