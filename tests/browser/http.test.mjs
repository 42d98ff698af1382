// docs/openapi.json against the real program: every answer that it describes is provoked, and is as described.

import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { startDemo } from "./relais.mjs";

const described = JSON.parse(await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
const ajv = new Ajv2020({ strict: false });
ajv.addSchema(described, "openapi");

let relais;
before(async () => (relais = await startDemo()));
after(async () => assert.equal(await relais?.stop(), 0, relais?.said()));

/** One request; the description is looked up and held against the answer. */
async function ask(seen, method, path, { headers = {}, body, describedAs = method } = {}) {
  const answer = await send(method, path, headers, body);
  const operation = described.paths[path][describedAs.toLowerCase()];
  const said = `${method} ${path}: ${answer.status} ${answer.body.slice(0, 300)}`;
  const exact = operation.responses[answer.status];
  const pointer = exact === undefined ? "/components/responses/Problem" : `/paths/${path.replaceAll("/", "~1")}/${describedAs.toLowerCase()}/responses/${answer.status}`;
  const response = exact ?? described.components.responses.Problem;
  for (const name of Object.keys(response.headers ?? {})) assert.ok(answer.headers[name.toLowerCase()] !== undefined, `${name} in ${said}`);
  const [type] = Object.keys(response.content ?? {});
  if (type === undefined) assert.equal(answer.body, "", said);
  else {
    assert.equal(answer.headers["content-type"]?.split(";")[0], type, said);
    const value = type === "application/json" ? JSON.parse(answer.body) : answer.body;
    const check = ajv.getSchema(`openapi#${pointer}/content/${encodeURIComponent(type.replaceAll("/", "~1"))}/schema`);
    assert.ok(check(value), `${said}\n${JSON.stringify(check.errors)}`);
  }
  if (exact !== undefined) seen.add(`${describedAs.toLowerCase()} ${path} ${answer.status}`);
  return answer;
}

function send(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const asked = request(relais.base + path, { method, headers, agent: false });
    asked.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode, headers: answer.headers, body: "" });
    });
    asked.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

test("every answer that is described is given, and as it is described", async () => {
  const seen = new Set();
  const own = { Origin: relais.base };
  const json = { ...own, "Content-Type": "application/json" };
  const upgrade = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "relais.v1",
  };

  for (const path of ["/healthz", "/readyz", "/metrics", "/api/me", "/console", "/widget.js"]) {
    await ask(seen, "GET", path);
    await ask(seen, "DELETE", path, { describedAs: "GET" });
  }
  for (const path of ["/console", "/widget.js"]) {
    const { headers } = await ask(seen, "GET", path);
    await ask(seen, "GET", path, { headers: { "If-None-Match": headers.etag } });
  }
  for (const path of ["/api/sign-in", "/api/sign-out", "/api/password"]) await ask(seen, "GET", path, { describedAs: "POST" });

  const code = new URL(relais.links.get("Inès")).hash.replace("#code=", "");
  const { headers } = await ask(seen, "POST", "/api/sign-in", { headers: json, body: JSON.stringify({ code }) });
  const cookie = headers["set-cookie"][0].split(";")[0];
  assert.match(headers["set-cookie"][0], /httponly/i);
  assert.match(headers["set-cookie"][0], /samesite=strict/i);
  await ask(seen, "GET", "/api/me", { headers: { Cookie: cookie } });
  await ask(seen, "POST", "/api/sign-in", { headers: json, body: "{" });
  await ask(seen, "POST", "/api/sign-in", { headers: { ...json, Origin: "https://elsewhere.example" }, body: "{}" });
  await ask(seen, "POST", "/api/sign-in", { headers: own, body: "code=1" });
  await ask(seen, "POST", "/api/sign-in", { headers: json, body: JSON.stringify({ code: "x".repeat(5000) }) });

  const password = (body, headers = { ...json, Cookie: cookie }) => ask(seen, "POST", "/api/password", { headers, body });
  await password(JSON.stringify({ password: "phare breton 29" }));
  await password(JSON.stringify({ password: "court" }));
  await password("[]");
  await password("{}", json);
  await password("{}", { ...json, Cookie: cookie, Origin: "https://elsewhere.example" });
  await password("{}", { ...own, Cookie: cookie });
  const byPassword = await ask(seen, "POST", "/api/sign-in", { headers: json, body: JSON.stringify({ name: "ines", password: "phare breton 29" }) });
  assert.equal(byPassword.status, 200);

  await ask(seen, "POST", "/api/sign-out", { headers: { Origin: "https://elsewhere.example", Cookie: cookie } });
  await ask(seen, "POST", "/api/sign-out", { headers: { ...own, Cookie: byPassword.headers["set-cookie"][0].split(";")[0] } });

  for (const path of ["/ws/customer", "/ws/advisor"]) {
    await ask(seen, "GET", path);
    await ask(seen, "GET", path, { headers: { ...upgrade, ...own } });
  }
  await ask(seen, "GET", "/ws/advisor", { headers: { ...upgrade, Origin: "https://elsewhere.example" } });

  // Last, for it slows down everything after it.
  for (let tries = 0; tries < 8; tries++) await ask(seen, "POST", "/api/sign-in", { headers: json, body: JSON.stringify({ name: "ines", password: "guess guess" }) });

  const promised = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.keys(responses)
        .filter((status) => status !== "default")
        .map((status) => `${method} ${path} ${status}`),
    ),
  );
  assert.deepEqual(promised.filter((answer) => !seen.has(answer)), [], "described, and never seen");
});
