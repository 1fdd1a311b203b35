import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["*/src/**/*.test.ts", "hub/web/src/**/*.test.ts"] } },
      {
        test: {
          name: "rooms",
          include: ["test/**/*.test.ts"],
          exclude: ["test/src/**"],
          globalSetup: "test/postgres.setup.ts",
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Several start whole stacks: side by side they would only slow each other down.
          fileParallelism: false,
        },
      },
    ],
  },
});
