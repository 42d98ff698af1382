// /metrics of a server that has lived a little, as promtool sees it; health, and what stands in no page's headers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { advisor, visitor } from "./people.mjs";
import { stage } from "./stage.mjs";

const on = stage();

test("the figures of a conversation, checked by promtool", async () => {
  const ines = await advisor(on.browser, on.relais.links.get("Inès"), "fr");
  await ines.signIn();
  await ines.isAvailable();
  const camille = await visitor(on.browser, on.relais.base, "fr");
  await camille.arrive();
  await camille.says("C’est la troisième fois que je vous écris, c’est inadmissible !!");
  await ines.accepts(await ines.offer());
  await ines.says("Bonjour, je m’en occupe.");
  await camille.reads("Bonjour, je m’en occupe.");

  const text = await (await fetch(`${on.relais.base}/metrics`)).text();
  const checked = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  assert.equal(checked.stderr + checked.stdout, "", "promtool has no advice either");
  for (const series of ["relais_conversations_opened_total 1", 'relais_offer_total{outcome="accepted"} 1', "relais_log_ready 1"]) {
    assert.ok(text.includes(`${series}\n`), `${series} in\n${text}`);
  }
  assert.match(text, /relais_handoff_total\{kind="smart",reason="[a-z_]+"\} 1/);
  for (const personal of ["ines", "Inès", "127.0.0.1", "troisième"]) assert.ok(!text.includes(personal), `${personal} is no label`);
});

test("health, readiness, and headers that every page has", async () => {
  for (const path of ["/healthz", "/readyz"]) assert.equal((await fetch(on.relais.base + path)).status, 200, path);
  for (const path of ["/", "/console", "/widget.js"]) {
    const answer = await fetch(on.relais.base + path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
    if (path !== "/widget.js") {
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/, path);
      assert.doesNotMatch(policy, /unsafe/, path);
    }
  }
});
