// Tests run in happy-dom; real browsers are the workspace's own affair (tests/).

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "happy-dom",
    environmentOptions: { happyDOM: { width: 1440, height: 900 } },
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"] },
});
