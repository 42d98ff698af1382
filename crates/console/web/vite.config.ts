// The console and the demo shop: two pages with hashed files under /assets/, nothing inline (the CSP forbids it).

import { defineConfig } from "vite";
import { gzip } from "./gzip.ts";

export default defineConfig({
  build: {
    target: "es2022",
    // light-dark() as it is: lightningcss would write it as twice the bytes.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    emptyOutDir: true,
    rolldownOptions: { input: { console: "console.html", demo: "demo.html" } },
  },
  plugins: [gzip()],
});
