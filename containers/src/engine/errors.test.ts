import { expect, it } from "vitest";
import { DockerError, translate } from "./errors.ts";

const refusal = (statusCode: number, words: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${words} `), { statusCode });

it.each([
  ["connect ENOENT /var/run/docker.sock", "engine_unreachable", "start it"],
  ["connect ECONNREFUSED 127.0.0.1:2375", "engine_unreachable", "DOCKER_HOST"],
  ["getaddrinfo ENOTFOUND gpu-box", "engine_unreachable", "DOCKER_HOST"],
  ["connect EACCES /var/run/docker.sock", "engine_unreachable", "group docker"],
  ["socket hang up", "engine_unreachable", "start it"],
])("of a connection: %s", (message, code, advice) => {
  expect(translate(new Error(message))).toMatchObject({ code, message: expect.stringContaining(advice) });
});

it.each([
  ["write /var/lib/docker/tmp/x: no space left on device", "disk_full", "docker system df"],
  ["Bind for 127.0.0.1:5555 failed: port is already allocated", "port_taken", "127.0.0.1:5555"],
  ["listen tcp4 127.0.0.1:5555: bind: address already in use", "port_taken", "127.0.0.1:5555"],
  ["network 4c7191bcd1e1 not found", "network_missing", "made anew"],
  ['could not select device driver "" with capabilities: [[gpu]]', "gpu_unavailable", "NVIDIA Container Toolkit"],
  ["nvidia-container-cli: device error: 7: unknown device", "gpu_unavailable", "unknown device"],
  ["something new", "refused", "the Docker Engine says: something new"],
])("of the engine: %s", (words, code, advice) => {
  expect(translate(refusal(500, words))).toMatchObject({ code, message: expect.stringContaining(advice) });
});

it("lets the caller say what a status means", () => {
  const missing = (detail: string) => new DockerError("image_missing", `build it (${detail})`);
  const error = translate(refusal(404, "No such image: a-b/c:1"), { 404: missing });
  expect(error).toMatchObject({ code: "image_missing", message: "build it (No such image: a-b/c:1)" });
  expect(translate(error)).toBe(error);
});

it("knows what is no change", () => {
  const already = Object.assign(new Error("(HTTP code 304) container already started -  "), { statusCode: 304 });
  expect(translate(already).code).toBe("unchanged");
});
