import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

test("flags say where the hub is and who the worker is", () => {
  const config = readConfig(["--hub-url", "http://hub:1", "--token", "t", "--worker-id", "w", "--policies", "p"]);
  expect(config).toMatchObject({ hubUrl: "http://hub:1", token: "t", workerId: "w", policiesDir: "p" });
});
