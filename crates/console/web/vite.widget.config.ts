// The widget: one file, one name, which any site can load with a plain script tag.

import { defineConfig } from "vite";
import { gzip } from "./gzip.ts";

export default defineConfig({
  build: {
    target: "es2022",
    // light-dark() as it is: lightningcss would write it as twice the bytes.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    emptyOutDir: false,
    lib: { entry: "src/widget/main.tsx", name: "relais", formats: ["iife"], fileName: () => "widget.js" },
  },
  plugins: [gzip()],
});
