// What a site pays for the widget: one file, and at most 25 KB over the wire.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, test } from "vitest";

const LIMIT = 25 * 1024;

test("the widget is one file of at most 25 KB gzip, style included", async () => {
  const outDir = mkdtempSync(join(tmpdir(), "relais-widget-"));
  try {
    await build({ configFile: join(import.meta.dirname, "../vite.widget.config.ts"), logLevel: "silent", mode: "production", build: { outDir } });
    const made = readdirSync(outDir);
    expect(made.sort()).toEqual(["widget.js", "widget.js.gz"]);
    const bytes = readFileSync(join(outDir, "widget.js"));
    expect(bytes.includes("adoptedStyleSheets") && bytes.includes(".launcher")).toBe(true);
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(LIMIT);
  } finally {
    rmSync(outDir, { recursive: true });
  }
}, 30_000);
