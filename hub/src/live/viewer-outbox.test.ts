import type { Packet } from "@physical-ai/unity-protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox } from "./viewer-outbox.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const packetOf = (val: number, robot = "r1", type = "imu"): Packet => ({
  robot_id: robot,
  robot_type: "EP01",
  type,
  val,
});

function createViewer(options: { maxHz?: number; maxEvents?: number } = {}) {
  const sent: unknown[] = [];
  const link = { writable: true, sendPacket: (packet: Packet) => void sent.push(packet.val) };
  const outbox = new Outbox(link, { maxEvents: 3, ...options });
  const putEvent = (name: string) => outbox.putEvent(() => sent.push(name));
  return { sent, link, outbox, putEvent };
}

describe("an outbox", () => {
  it("sends at once what a viewer without max_hz can take", () => {
    const { sent, outbox } = createViewer();
    for (const val of [1, 2, 3]) outbox.putLatest(packetOf(val));
    expect(sent).toEqual([1, 2, 3]);
  });

  it("keeps to max_hz: the first at once, then the newest at the end of each interval", () => {
    const { sent, outbox } = createViewer({ maxHz: 10 });
    for (const val of [1, 2, 3]) outbox.putLatest(packetOf(val));
    expect(sent).toEqual([1]);
    vi.advanceTimersByTime(99);
    expect(sent).toEqual([1]);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual([1, 3]);
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual([1, 3]);
    outbox.putLatest(packetOf(4));
    expect(sent).toEqual([1, 3, 4]);
  });

  it("keeps to max_hz of each robot and type on its own", () => {
    const { sent, outbox } = createViewer({ maxHz: 10 });
    outbox.putLatest(packetOf(1, "r1"));
    vi.advanceTimersByTime(50);
    outbox.putLatest(packetOf(2, "r2"));
    outbox.putLatest(packetOf(3, "r1", "odom"));
    outbox.putLatest(packetOf(4, "r1"));
    outbox.putLatest(packetOf(5, "r2"));
    expect(sent).toEqual([1, 2, 3]);
    vi.advanceTimersByTime(50);
    expect(sent).toEqual([1, 2, 3, 4]);
    vi.advanceTimersByTime(50);
    expect(sent).toEqual([1, 2, 3, 4, 5]);
  });

  it("waits for however slow a max_hz, without a timer that fires again and again", () => {
    const { sent, outbox } = createViewer({ maxHz: 1e-7 });
    outbox.putLatest(packetOf(1));
    outbox.putLatest(packetOf(2));
    const setTimer = vi.spyOn(globalThis, "setTimeout");
    vi.advanceTimersByTime(3_600_000);
    expect(setTimer).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1e10);
    expect(sent).toEqual([1, 2]);
  });

  it("sends no more than max_hz over a long time", () => {
    const { sent, outbox } = createViewer({ maxHz: 20 });
    for (let ms = 0; ms < 1_000; ms++) {
      outbox.putLatest(packetOf(ms));
      vi.advanceTimersByTime(1);
    }
    expect(sent.length).toBeGreaterThanOrEqual(20);
    expect(sent.length).toBeLessThanOrEqual(21);
  });

  it("keeps only the newest for a viewer that does not read, and sends it when the connection has drained", () => {
    const { sent, link, outbox } = createViewer();
    link.writable = false;
    for (let val = 1; val <= 1_000; val++) outbox.putLatest(packetOf(val, `r${val % 2}`));
    vi.advanceTimersByTime(10_000);
    expect(sent).toEqual([]);
    link.writable = true;
    outbox.flush();
    expect(sent.sort()).toEqual([1_000, 999]);
  });

  it("keeps to max_hz while draining too", () => {
    const { sent, link, outbox } = createViewer({ maxHz: 10 });
    outbox.putLatest(packetOf(1));
    link.writable = false;
    outbox.putLatest(packetOf(2));
    vi.advanceTimersByTime(30);
    link.writable = true;
    outbox.flush();
    expect(sent).toEqual([1]);
    vi.advanceTimersByTime(70);
    expect(sent).toEqual([1, 2]);
  });

  it("never merges events, and sends them in order, before telemetry that waits", () => {
    const { sent, link, outbox, putEvent } = createViewer();
    link.writable = false;
    outbox.putLatest(packetOf(1));
    for (const name of ["a", "b", "c"]) putEvent(name);
    link.writable = true;
    outbox.flush();
    expect(sent).toEqual(["a", "b", "c", 1]);
    putEvent("d");
    expect(sent.at(-1)).toBe("d");
    expect(outbox.dropped).toBe(0);
  });

  it("max_hz does not hold up events", () => {
    const { sent, outbox, putEvent } = createViewer({ maxHz: 1 });
    outbox.putLatest(packetOf(1));
    outbox.putLatest(packetOf(2));
    putEvent("a");
    putEvent("b");
    expect(sent).toEqual([1, "a", "b"]);
  });

  it("drops the oldest events of a viewer that does not read, and counts them", () => {
    const { sent, link, outbox, putEvent } = createViewer({ maxEvents: 3 });
    link.writable = false;
    for (const name of ["a", "b", "c", "d", "e"]) putEvent(name);
    expect(outbox.dropped).toBe(2);
    link.writable = true;
    outbox.flush();
    expect(sent).toEqual(["c", "d", "e"]);
  });

  it("stops while the connection is full, and goes on where it was", () => {
    const { sent, link, outbox } = createViewer();
    link.writable = false;
    for (const robot of ["r1", "r2", "r3"]) outbox.putLatest(packetOf(sent.length, robot));
    let room = 2;
    const narrow = vi.spyOn(link, "sendPacket").mockImplementation((packet) => {
      sent.push(packet.robot_id);
      room--;
      link.writable = room > 0;
    });
    link.writable = true;
    outbox.flush();
    expect(sent).toEqual(["r1", "r2"]);
    narrow.mockRestore();
    link.writable = true;
    outbox.flush();
    expect(sent).toHaveLength(3);
  });

  it("stops between events as well while the connection is full", () => {
    const { sent, link, outbox } = createViewer();
    link.writable = false;
    for (const name of ["a", "b", "c"]) {
      outbox.putEvent(() => {
        sent.push(name);
        link.writable = name !== "b";
      });
    }
    link.writable = true;
    outbox.flush();
    expect(sent).toEqual(["a", "b"]);
    link.writable = true;
    outbox.flush();
    expect(sent).toEqual(["a", "b", "c"]);
  });

  it("holds a bounded amount for a viewer that does not read, of however many robots, and counts the rest", () => {
    const { sent, link, outbox } = createViewer();
    link.writable = false;
    for (let robot = 1; robot <= 30; robot++) {
      outbox.putLatest({ ...packetOf(robot, `r${robot}`), extra: "x".repeat(3_000_000) } as Packet);
    }
    expect(outbox.dropped).toBe(9);
    outbox.putLatest(packetOf(99, "r1"));
    link.writable = true;
    outbox.flush();
    expect(sent).toHaveLength(21);
    expect(sent).toContain(99);
  });

  it("sends nothing after it was closed", () => {
    const { sent, outbox } = createViewer({ maxHz: 10 });
    outbox.putLatest(packetOf(1));
    outbox.putLatest(packetOf(2));
    outbox.close();
    expect(vi.getTimerCount()).toBe(0);
    outbox.flush();
    expect(sent).toEqual([1]);
  });
});
