import { createServer, type Server } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "./create-container.ts";

it("takes the wanted port, or the next that is neither in use nor promised", async () => {
  const first = await freePort(31_000, new Set());
  expect(first).toBeGreaterThanOrEqual(31_000);
  const server = await listenAt(first);
  try {
    const second = await freePort(first, new Set());
    expect(second).toBeGreaterThan(first);
    expect(await freePort(first, new Set([second]))).toBeGreaterThan(second);
  } finally {
    server.close();
  }
});

it("says so when there is none within reach", async () => {
  const promised = new Set(Array.from({ length: 200 }, (_, index) => 31_000 + index));
  await expect(freePort(31_000, promised)).rejects.toThrow("expected a free port from 31000 to 31100; all are taken");
  await expect(freePort(65_535, new Set([65_535]))).rejects.toMatchObject({ code: "port_taken" });
});

function listenAt(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
