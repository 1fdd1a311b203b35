/** HTTP that is none, at the port of the hub. */
import { connect } from "node:net";
import type { Dice } from "../chaos/dice.ts";

const patienceMs = 2_000;

const paths = [
  "/",
  "/healthz",
  "/api/robots",
  "/app/main.js",
  "/../package.json",
  "/%2e%2e/%2e%2e/etc/passwd",
  "/..%5c..%5csecret",
  "/app/..%2f..%2fsrc/hub.ts",
  "/%00",
  "/%",
  "/%ff%fe",
  "//evil.example/",
  "/\\..\\",
  "/socket.io/",
  "/socket.io/?EIO=4",
  "/socket.io/?EIO=4&transport=polling",
  "/socket.io/?EIO=3&transport=polling",
  "/socket.io/?EIO=4&transport=polling&sid=nobody",
  "/socket.io/?EIO=4&transport=websocket&sid=__proto__",
  "/socket.io/?EIO[]=4&transport[]=polling",
  "/socket.io/?transport=__proto__&EIO=4",
  "*",
  "http://[",
  "/?".padEnd(3_000, "a=b&"),
];
const methods = [
  "GET",
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "HEAD",
  "TRACE",
  "CONNECT",
  "PATCH",
  "BREW",
  "get",
  "",
  "\u0000",
];
const headers = [
  "Host: x",
  "Host: x\r\nHost: y",
  "Content-Length: -1",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length: 99999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 3",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x",
  "Upgrade: h2c\r\nConnection: Upgrade",
  "Authorization: Bearer",
  "Authorization: Bearer ey.ey.ey",
  "Authorization: Basic OjpA",
  "Expect: 100-continue",
  "Range: bytes=-1--1",
  "If-None-Match: \u00ff",
  "Cookie: a\u0000b",
  "Accept-Encoding: br;q=-1",
  ": nameless",
  "no colon",
];
const bodies = [
  "",
  "x",
  "0\r\n\r\n",
  "ffffffffffff\r\n",
  "5\r\nhello\r\n0\r\n\r\n",
  "{}",
  "40",
  '42["register"]',
  "\u001e".repeat(5_000),
  "b4AAAA",
  "2probe",
  "\u0000\u0001\u0002",
];

/** Sends one request and returns the first line of what came back, empty when nothing did. */
export function sendHttpGarbage(url: string, dice: Dice): Promise<string> {
  const request = makeRequest(dice);
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    const end = () => {
      clearTimeout(tooLate);
      socket.destroy();
      resolve(answer.split("\r\n", 1)[0] ?? "");
    };
    const tooLate = setTimeout(end, patienceMs);
    socket.on("data", (data) => {
      answer += data;
      end();
    });
    socket.on("error", () => undefined);
    socket.on("close", end);
    socket.write(request);
    if (dice.fraction() < 0.3) socket.end();
  });
}

function makeRequest(dice: Dice): string {
  const chance = dice.fraction();
  if (chance < 0.1)
    return Array.from({ length: dice.between(1, 2_000) }, () => String.fromCharCode(dice.between(0, 255))).join("");
  const path = chance < 0.13 ? `/${"a".repeat(dice.pick([10_000, 200_000]))}` : dice.pick(paths);
  const count = chance < 0.16 ? 500 : dice.between(0, 3);
  const lines = Array.from({ length: count }, () => dice.pick(headers));
  return `${[`${dice.pick(methods)} ${path} HTTP/1.${dice.pick(["1", "1", "0", "9"])}`, "Host: hub", ...lines].join("\r\n")}\r\n\r\n${dice.pick(bodies)}`;
}
