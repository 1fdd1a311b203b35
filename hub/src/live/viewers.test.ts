import type {
  CommandUpdate,
  Packet,
  PayloadSchemaChange,
  RobotStatus,
  ViewerFilter,
} from "@physical-ai/unity-protocol";
import { describe, expect, it } from "vitest";
import { Audiences, compileFilter, FanOut, summariseFilters } from "./viewers.ts";

const packetOf = (robot_id: string, type: string): Packet => ({ robot_id, robot_type: "EP01", type, val: 1 });
const updateOf = (robot_id: string): CommandUpdate => ({
  command_id: "0b9f6a1e-3c59-4c62-8f0d-7c0f2f9b1a44",
  robot_id,
  action: "stop",
  sender: "v",
  status: "sent",
});
const changeOf = (type: string) => ({ robot_type: "EP01", type, version: 2, at: 0, changes: [`${type} is new`] });
const statusOf = (id: string): RobotStatus => ({ kind: "robot", id, status: "online", at: 0 });

/** A viewer that notes what it gets in a word each. */
function addViewer(fanOut: FanOut, filter?: ViewerFilter) {
  const got: string[] = [];
  const link = {
    writable: true,
    sendPacket: (packet: Packet) => void got.push(`${packet.robot_id}:${packet.type}`),
    sendCommandUpdate: (update: CommandUpdate) => void got.push(`${update.robot_id}:command`),
    sendRobotStatus: (status: RobotStatus) => void got.push(`${status.id}:status`),
    sendPayloadSchema: ({ type, version }: PayloadSchemaChange) => void got.push(`${type}:version ${version}`),
  };
  return { got, link, viewer: fanOut.add(link, filter) };
}

/** Everything there is, of two robots. */
function sendEverything(fanOut: FanOut): void {
  for (const robot of ["r1", "r2"]) {
    fanOut.telemetry(packetOf(robot, "imu"));
    fanOut.telemetry(packetOf(robot, "battery"));
    fanOut.prediction(packetOf(robot, "ai_prediction"));
    fanOut.commandUpdate(updateOf(robot));
    fanOut.robotStatus(statusOf(robot));
  }
}

const ofR1 = ["r1:imu", "r1:battery", "r1:ai_prediction", "r1:command", "r1:status"];
const ofR2 = ofR1.map((word) => word.replace("r1", "r2"));
const commandsAndStatuses = ["r1:command", "r1:status", "r2:command", "r2:status"];

describe("the fan-out", () => {
  it.each<[string, ViewerFilter | undefined, string[]]>([
    ["no filter gets everything", undefined, [...ofR1, ...ofR2]],
    ["an empty filter gets everything", {}, [...ofR1, ...ofR2]],
    ["robots gets what is of these", { robots: ["r2"] }, ofR2],
    ["no robot at all gets nothing", { robots: [] }, []],
    ["no type at all gets commands and statuses, which have none", { types: [] }, commandsAndStatuses],
    [
      "robots and types gets what is of both",
      { robots: ["r1"], types: ["imu"] },
      ["r1:imu", "r1:command", "r1:status"],
    ],
    [
      "predictions gets them as a type",
      { robots: ["r1"], types: ["ai_prediction"] },
      [ofR1[2], ofR1[3], ofR1[4]].map(String),
    ],
  ])("a viewer with %s", (_what, filter, words) => {
    const fanOut = new FanOut();
    const { got } = addViewer(fanOut, filter);
    sendEverything(fanOut);
    expect(got).toEqual(words);
  });

  it("filters what it shows to one viewer, too", () => {
    const fanOut = new FanOut();
    const { got, viewer } = addViewer(fanOut, { types: ["imu"] });
    viewer.show({
      statuses: [statusOf("r1"), statusOf("r2")],
      packets: [packetOf("r1", "imu"), packetOf("r1", "battery"), packetOf("r2", "imu")],
      schemaChanges: [changeOf("imu"), changeOf("battery")],
    });
    expect(got).toEqual(["r1:status", "r2:status", "imu:version 2", "r1:imu", "r2:imu"]);
  });

  it.each<[string, ViewerFilter | undefined, string[]]>([
    ["everyone who wants the data type", undefined, ["imu:version 2"]],
    ["whoever wants one robot", { robots: ["r1"], types: ["imu"] }, ["imu:version 2"]],
    ["nobody who wants other types", { types: ["battery"] }, []],
    ["nobody who wants no robot", { robots: [] }, []],
  ])("tells %s of a payload that has changed its shape", (_whom, filter, words) => {
    const fanOut = new FanOut();
    const { got } = addViewer(fanOut, filter);
    fanOut.payloadSchema(changeOf("imu"));
    expect(got).toEqual(words);
  });

  it("a viewer that does not read does not change what others get", () => {
    const fanOut = new FanOut();
    const [stalled, healthy] = [addViewer(fanOut), addViewer(fanOut)];
    stalled.link.writable = false;
    sendEverything(fanOut);
    expect(healthy.got).toEqual([...ofR1, ...ofR2]);
    expect(stalled.got).toEqual([]);
    stalled.link.writable = true;
    stalled.viewer.outbox.flush();
    expect(stalled.got.sort()).toEqual([...ofR1, ...ofR2].sort());
  });

  it("sends nothing to a viewer that left, and still counts what it missed", () => {
    const fanOut = new FanOut();
    const { got, link, viewer } = addViewer(fanOut);
    link.writable = false;
    for (let count = 0; count < 1_005; count++) fanOut.prediction(packetOf("r1", "ai_prediction"));
    expect(fanOut.stats).toEqual({ viewers: 1, dropped: 5 });
    fanOut.remove(viewer);
    fanOut.remove(viewer);
    link.writable = true;
    sendEverything(fanOut);
    expect(got).toEqual([]);
    expect(fanOut.stats).toEqual({ viewers: 0, dropped: 5 });
  });
});

describe("a summary of filters", () => {
  it("has each once, without its pace", () => {
    expect(summariseFilters([{ robots: ["r1"], max_hz: 5 }, { robots: ["r1"] }, { types: ["imu"] }])).toEqual([
      { robots: ["r1"] },
      { types: ["imu"] },
    ]);
    expect(summariseFilters([])).toEqual([]);
  });

  it("is everything where one viewer wants that, or where the names are too many", () => {
    expect(summariseFilters([{ robots: ["r1"] }, { max_hz: 1 }])).toEqual([{}]);
    const many = Array.from({ length: 1_001 }, (_, index) => `r${index}`);
    expect(summariseFilters([{ robots: many }])).toEqual([{}]);
    expect(summariseFilters(many.map((id) => ({ robots: [id] })))).toEqual([{}]);
  });

  it("never lets less through than the filters themselves", () => {
    const filters = [{ robots: ["r1"], types: ["imu"] }, { types: ["battery"] }, { robots: [] }];
    const summary = summariseFilters(filters).map(compileFilter);
    for (const robot of ["r1", "r2"]) {
      for (const type of ["imu", "battery", undefined]) {
        const wanted = filters.some((filter) => compileFilter(filter)(robot, type));
        expect(summary.some((wants) => wants(robot, type))).toBe(wanted);
      }
    }
  });
});

const viewerOf = (name: string, robots?: string[], types?: string[]) => ({
  name,
  wants: compileFilter({ ...(robots && { robots }), ...(types && { types }) }),
});

describe("audiences", () => {
  it("finds those whose filters let it through, and those who came since when told", () => {
    const viewers = new Set([viewerOf("all"), viewerOf("r1", ["r1"]), viewerOf("imu", undefined, ["imu"])]);
    const audiences = new Audiences(viewers);
    const names = (robot: string, type?: string) => audiences.of(robot, type).map(({ name }) => name);
    expect([names("r1", "imu"), names("r1", "odom"), names("r2", "imu")]).toEqual([
      ["all", "r1", "imu"],
      ["all", "r1"],
      ["all", "imu"],
    ]);
    expect(names("r2")).toEqual(["all", "imu"]);
    viewers.add(viewerOf("late", ["r2"]));
    audiences.forget();
    expect(names("r2", "imu")).toEqual(["all", "imu", "late"]);
  });

  it("remembers so little that robots without end do not fill the memory", () => {
    let asked = 0;
    const viewers = [{ wants: () => ++asked > 0 }];
    const audiences = new Audiences(viewers);
    for (let robot = 0; robot < 600_000; robot++) audiences.of(String(robot), "imu");
    expect(asked).toBe(600_000);
    audiences.of("599999", "imu");
    expect(asked).toBe(600_000);
    audiences.of("0", "imu");
    expect(asked).toBe(600_001);
  });
});
