import type { RawPacket } from "@physical-ai/unity-protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { approximateBytes } from "../storable.ts";
import { createMailbox, type Mailbox } from "./worker-mailbox.ts";

/** Packet `seq` of a robot, received at the time `seq`. */
function packetOf(seq: number, robot = "r1", type = "imu"): RawPacket {
  return { robot_id: robot, robot_type: "EP01", type, val: seq, received_at: seq, seq };
}

/** The same with a value of about so many bytes. */
const largeOf = (seq: number, bytes: number, robot = "r1"): RawPacket => ({
  ...packetOf(seq, robot),
  val: "x".repeat(bytes),
});

const put = (mailbox: Mailbox, packet: RawPacket) => mailbox.put(packet, approximateBytes(packet.val));
const seqsOf = (packets: RawPacket[]) => packets.map((packet) => packet.seq);
const gapsOf = (packets: RawPacket[]) => packets.map((packet) => packet.gap ?? 0);
const takeAll = (mailbox: Mailbox) => mailbox.take(Number.POSITIVE_INFINITY, 0);

describe("a mailbox for latest", () => {
  it("keeps the newest packet of each robot and type", () => {
    const mailbox = createMailbox("latest", 10);
    for (const packet of [packetOf(1), packetOf(2, "r2"), packetOf(3), packetOf(4, "r1", "odom"), packetOf(5)]) {
      put(mailbox, packet);
    }
    expect(mailbox.size).toBe(3);
    expect(mailbox.dropped).toBe(2);
    expect(seqsOf(takeAll(mailbox))).toEqual([2, 4, 5]);
    expect(mailbox.size).toBe(0);
  });

  it("takes turns, so that a robot that sends often does not always come first", () => {
    const mailbox = createMailbox("latest", 10);
    put(mailbox, packetOf(1, "busy"));
    put(mailbox, packetOf(2, "calm"));
    put(mailbox, packetOf(3, "busy"));
    expect(seqsOf(mailbox.take(1, 0))).toEqual([2]);
    expect(seqsOf(mailbox.take(1, 0))).toEqual([3]);
  });

  it("has room for a bounded number of robots and types, and counts the others", () => {
    const mailbox = createMailbox("latest", 2);
    for (let robot = 1; robot <= 4; robot++) put(mailbox, packetOf(robot, `r${robot}`));
    put(mailbox, packetOf(9, "r1"));
    expect(mailbox.dropped).toBe(3);
    expect(seqsOf(takeAll(mailbox))).toEqual([2, 9]);
  });

  it("holds no more than its bytes, and gives out little at a time where packets are large", () => {
    const mailbox = createMailbox("latest", 10, { waiting: 5_000, taken: 1_500 });
    for (let robot = 1; robot <= 6; robot++) put(mailbox, largeOf(robot, 1_000, `r${robot}`));
    expect(mailbox.size).toBe(4);
    expect(mailbox.dropped).toBe(2);
    expect(seqsOf(takeAll(mailbox))).toEqual([1, 2]);
    put(mailbox, largeOf(7, 2_500, "r7"));
    expect(seqsOf(takeAll(mailbox))).toEqual([3, 4]);
    expect(seqsOf(takeAll(mailbox))).toEqual([7]);
  });

  it("leaves out and counts what is too old", () => {
    const mailbox = createMailbox("latest", 10);
    put(mailbox, packetOf(1, "r1"));
    put(mailbox, packetOf(7, "r2"));
    expect(seqsOf(mailbox.take(10, 5))).toEqual([7]);
    expect(mailbox.dropped).toBe(1);
    expect(mailbox.size).toBe(0);
  });
});

describe("a mailbox for every", () => {
  it("keeps every packet in order", () => {
    const mailbox = createMailbox("every", 10);
    for (let seq = 1; seq <= 5; seq++) put(mailbox, packetOf(seq));
    expect(seqsOf(mailbox.take(2, 0))).toEqual([1, 2]);
    expect(seqsOf(mailbox.take(10, 0))).toEqual([3, 4, 5]);
    expect(mailbox.dropped).toBe(0);
  });

  it("drops the oldest when full, and says so in the next packet of the same robot and type", () => {
    const mailbox = createMailbox("every", 3);
    for (const packet of [packetOf(1), packetOf(2), packetOf(3, "r2"), packetOf(4), packetOf(5), packetOf(6, "r2")]) {
      put(mailbox, packet);
    }
    const taken = takeAll(mailbox);
    expect(seqsOf(taken)).toEqual([4, 5, 6]);
    expect(gapsOf(taken)).toEqual([2, 0, 1]);
    expect(mailbox.dropped).toBe(3);
  });

  it("drops the oldest beyond its bytes, and gives out little at a time where packets are large", () => {
    const mailbox = createMailbox("every", 10, { waiting: 5_000, taken: 1_500 });
    for (let seq = 1; seq <= 6; seq++) put(mailbox, largeOf(seq, 1_000));
    expect(mailbox.size).toBe(4);
    const [first, second] = [takeAll(mailbox), takeAll(mailbox)];
    expect([seqsOf(first), seqsOf(second)]).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(gapsOf(first)).toEqual([2, 0]);
    put(mailbox, largeOf(7, 6_000));
    expect(mailbox.size).toBe(0);
  });

  it("says it once", () => {
    const mailbox = createMailbox("every", 1);
    for (const seq of [1, 2]) put(mailbox, packetOf(seq));
    expect(gapsOf(takeAll(mailbox))).toEqual([1]);
    put(mailbox, packetOf(3));
    expect(gapsOf(takeAll(mailbox))).toEqual([0]);
  });

  it("counts what grew too old as a gap", () => {
    const mailbox = createMailbox("every", 10);
    for (const seq of [1, 2, 8]) put(mailbox, packetOf(seq));
    const taken = mailbox.take(10, 5);
    expect(seqsOf(taken)).toEqual([8]);
    expect(gapsOf(taken)).toEqual([2]);
    expect(mailbox.dropped).toBe(2);
  });

  it("accounts for every packet: taken, or counted in the gap before the next one", () => {
    const sending = fc.record({ robot: fc.constantFrom("r1", "r2") });
    const taking = fc.record({ count: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.oneof(sending, taking)), (capacity, steps) => {
        const mailbox = createMailbox("every", capacity);
        const sent = new Map<string, number>();
        const accounted = new Map<string, number>();
        const account = (packets: RawPacket[]) => {
          for (const { robot_id, seq = 0, gap = 0 } of packets) {
            const before = accounted.get(robot_id) ?? 0;
            expect(seq).toBe(before + gap + 1);
            accounted.set(robot_id, seq);
          }
        };
        const send = (robot: string) => {
          sent.set(robot, (sent.get(robot) ?? 0) + 1);
          put(mailbox, packetOf(sent.get(robot) ?? 0, robot));
        };
        for (const step of steps) {
          if ("robot" in step) send(step.robot);
          else account(mailbox.take(step.count, 0));
          expect(mailbox.size).toBeLessThanOrEqual(capacity);
        }
        for (const robot of ["r1", "r2"]) {
          send(robot);
          account(takeAll(mailbox));
        }
        expect(accounted).toEqual(sent);
      }),
    );
  });

  it("does not keep what it gave away", () => {
    const mailbox = createMailbox("every", 10_000);
    for (let seq = 1; seq <= 5_000; seq++) put(mailbox, packetOf(seq));
    expect(mailbox.take(4_999, 0)).toHaveLength(4_999);
    put(mailbox, packetOf(5_001));
    expect(mailbox.size).toBe(2);
    expect(seqsOf(takeAll(mailbox))).toEqual([5_000, 5_001]);
  });
});
