import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Several start whole stacks: more side by side would only slow each other down.
    maxWorkers: 2,
    projects: [
      { test: { name: "unit", include: ["*/src/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "rooms",
          include: ["test/**/*.test.ts"],
          exclude: ["test/src/**", "test/compose/**"],
          globalSetup: "test/postgres.setup.ts",
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      // Builds images, which takes minutes: `npm test` leaves it out.
      { test: { name: "compose", include: ["test/compose/**/*.test.ts"], testTimeout: 120_000 } },
    ],
  },
});
