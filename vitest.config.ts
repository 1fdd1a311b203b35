import { defineConfig } from "vitest/config";

/** Bounds what hangs, and nothing else: no test depends on a machine's speed. */
const patience = { testTimeout: 600_000, hookTimeout: 600_000, expect: { poll: { timeout: 120_000, interval: 10 } } };

export default defineConfig({
  test: {
    // Several start whole stacks: more side by side would only slow each other down.
    maxWorkers: 2,
    teardownTimeout: 60_000,
    projects: [
      { test: { name: "unit", include: ["*/src/**/*.test.ts"], ...patience } },
      {
        test: {
          name: "rooms",
          include: ["test/**/*.test.ts"],
          exclude: ["test/src/**", "test/compose/**"],
          globalSetup: "test/postgres.setup.ts",
          ...patience,
        },
      },
      // Builds images, which takes minutes: `npm test` leaves it out.
      { test: { name: "compose", include: ["test/compose/**/*.test.ts"], ...patience } },
    ],
  },
});
