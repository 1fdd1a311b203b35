import { pino } from "pino";
import { beforeEach, expect, it } from "vitest";
import { HubOutageLog } from "./outage.ts";

let lines: { level: number; msg: string; problem?: string; seconds_away?: number }[];
let outages: HubOutageLog;
const said = () => lines.map(({ msg }) => msg.split(/[;,]/)[0]);

beforeEach(() => {
  lines = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  outages = new HubOutageLog(logger, { hub: "http://hub:3000", role: "relay", meanwhile: "packets wait" });
});

it("says once that no hub is there, and that it is there", () => {
  for (let tries = 0; tries < 5; tries += 1) outages.refused({ message: "websocket error" });
  outages.over({});
  expect(said()).toEqual(["the hub does not answer", "registered at the hub"]);
  expect(lines[1]?.seconds_away).toBe(0);
});

it("says each outage anew", () => {
  for (let outage = 0; outage < 2; outage += 1) {
    outages.lost("transport close");
    outages.lost("io client disconnect");
    for (let tries = 0; tries < 5; tries += 1) outages.refused({ message: "websocket error" });
    outages.over({ committed_seq: 7 });
  }
  const once = ["the connection to the hub is lost", "registered at the hub"];
  expect(said()).toEqual([...once, ...once]);
});

it("says what the hub says, once a reason", () => {
  outages.refused({ message: "websocket error" });
  for (let tries = 0; tries < 3; tries += 1)
    outages.refused({ code: "unauthorized", message: `no token came, try ${tries}` });
  outages.refused({ code: "unavailable", message: "try again" });
  expect(lines.map(({ problem }) => problem)).toEqual(["websocket error", "no token came, try 0", "try again"]);
});

it("speaks of no outage at the first registration", () => {
  outages.over({});
  expect(lines).toMatchObject([{ level: 30, msg: "registered at the hub" }]);
  expect(lines[0]?.seconds_away).toBeUndefined();
});
