/** What every packet log must do: one suite that each adapter runs. */
import type { Packet } from "@physical-ai/unity-protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gapOf, relayGap } from "./gap.ts";
import type { PacketLog } from "./packet-log.ts";

const everything = { maxPackets: 1_000, maxBytes: 1_000_000 };

function packet(value: unknown): Packet {
  return { robot_id: "EP01", robot_type: "EP01", type: "battery", val: value };
}

function packets(first: number, last: number): Packet[] {
  return Array.from({ length: last - first + 1 }, (_, index) => packet(first + index));
}

/**
 * @param open opens an empty log with a quota in bytes; the suite closes it
 */
export function packetLogSuite(name: string, open: (options: { maxBytes: number }) => Promise<PacketLog>): void {
  describe(name, () => {
    let log: PacketLog;
    const values = async (fromSeq: number, limit = everything) =>
      (await log.read(fromSeq, limit)).packets.map((kept) => kept.val);

    beforeEach(async () => {
      log = await open({ maxBytes: 1_000_000 });
    });
    afterEach(() => log.close());

    it("is empty at first", async () => {
      expect([log.firstSeq, log.lastSeq, log.dropped]).toEqual([1, 0, 0]);
      expect(await log.read(1, everything)).toEqual({ firstSeq: 1, packets: [] });
      expect(log.streamId).toMatch(/^[0-9a-f-]{36}$/);
    });

    it("numbers packets in order and gives them back as they came", async () => {
      expect(await log.append(packets(1, 3))).toBe(3);
      expect(await log.append([packet({ ranges: [1, 2] })])).toBe(4);
      expect(await log.append([])).toBe(4);
      expect(await log.read(1, everything)).toEqual({
        firstSeq: 1,
        packets: [...packets(1, 3), packet({ ranges: [1, 2] })],
      });
      expect(await values(3)).toEqual([3, { ranges: [1, 2] }]);
      expect(await values(5)).toEqual([]);
    });

    it("keeps numbers when append is called again before it has answered", async () => {
      const answers = await Promise.all([
        log.append(packets(1, 2)),
        log.append(packets(3, 3)),
        log.append(packets(4, 6)),
      ]);
      expect(answers.at(-1)).toBe(6);
      expect(await values(1)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it("reads no more than the limits, and at least one packet", async () => {
      await log.append(packets(1, 5));
      expect(await values(2, { ...everything, maxPackets: 2 })).toEqual([2, 3]);
      expect(await values(2, { ...everything, maxBytes: 1 })).toEqual([2]);
    });

    it("forgets what is trimmed and goes on numbering", async () => {
      await log.append(packets(1, 5));
      await log.trim(3);
      expect([log.firstSeq, log.lastSeq]).toEqual([4, 5]);
      expect(await log.read(1, everything)).toEqual({ firstSeq: 4, packets: packets(4, 5) });
      await log.trim(2);
      await log.trim(5);
      expect([log.firstSeq, log.lastSeq]).toEqual([6, 5]);
      expect(await log.append(packets(6, 6))).toBe(6);
      expect(await values(1)).toEqual([6]);
    });

    it("survives many rounds of append and trim", async () => {
      for (let first = 1; first < 6_000; first += 100) {
        await log.append(packets(first, first + 99));
        await log.trim(first + 49);
        expect(await values(first + 50)).toEqual(packets(first + 50, first + 99).map((kept) => kept.val));
      }
    });

    it("replaces a packet in place", async () => {
      await log.append(packets(1, 3));
      const gap = relayGap(packet(2), { firstSeq: 2, lastSeq: 2, reason: "refused" });
      await log.replace(2, gap);
      await log.replace(9, gap);
      expect(await values(1)).toEqual([1, { first_seq: 2, last_seq: 2, count: 1, reason: "refused" }, 3]);
      expect(log.lastSeq).toBe(3);
    });

    describe("with a full quota", () => {
      beforeEach(async () => {
        await log.close();
        log = await open({ maxBytes: 2_000 });
        await log.append(packets(1, 10));
        await log.append(packets(11, 200));
      });

      it("keeps the newest, and a gap stands for all that went", async () => {
        const run = await log.read(1, everything);
        const [first, ...rest] = run.packets;
        expect(first && gapOf(first)).toMatchObject({ first_seq: 1, last_seq: run.firstSeq, count: run.firstSeq });
        expect(log.dropped).toBe(run.firstSeq);
        expect(rest).toEqual(packets(run.firstSeq + 1, 200));
        expect(rest.length).toBeGreaterThan(5);
        expect(log.lastSeq).toBe(200);
      });

      it("lets one gap grow instead of leaving many", async () => {
        await log.append(packets(201, 300));
        const run = await log.read(1, everything);
        expect(run.packets.filter((kept) => gapOf(kept) !== undefined)).toHaveLength(1);
        expect(run.packets[0] && gapOf(run.packets[0])).toMatchObject({ first_seq: 1, last_seq: run.firstSeq });
        expect(log.dropped).toBe(run.firstSeq);
      });

      it("shortens the gap by what the hub has after all", async () => {
        await log.trim(7);
        const run = await log.read(1, everything);
        const gap = run.packets[0] && gapOf(run.packets[0]);
        expect(gap).toMatchObject({ first_seq: 8, last_seq: run.firstSeq, count: run.firstSeq - 7 });
      });

      it("keeps a packet that alone is larger than the quota", async () => {
        await log.append([packet("x".repeat(5_000))]);
        expect((await values(log.lastSeq))[0]).toHaveLength(5_000);
      });
    });

    describe("resuming", () => {
      beforeEach(async () => {
        await log.resume(0);
        await log.append(packets(1, 10));
        await log.trim(4);
      });

      it("trims what the hub has", async () => {
        expect(await log.resume(6)).toBe("continues");
        expect(await values(1)).toEqual([7, 8, 9, 10]);
        expect(await log.resume(10)).toBe("continues");
        expect(await values(1)).toEqual([]);
      });

      it("leaves a gap where the hub lost what it had acknowledged", async () => {
        expect(await log.resume(2)).toBe("hub_behind");
        const run = await log.read(3, everything);
        expect(run.firstSeq).toBe(4);
        expect(run.packets[0]?.val).toMatchObject({ first_seq: 3, last_seq: 4, count: 2 });
        expect(run.packets.slice(1)).toEqual(packets(5, 10));
        expect(await log.resume(1)).toBe("hub_behind");
        expect((await values(1))[0]).toMatchObject({ first_seq: 2, last_seq: 4, count: 3 });
      });

      it("leaves that gap in an empty log too", async () => {
        await log.trim(10);
        expect(await log.resume(0)).toBe("hub_behind");
        expect(await values(1)).toMatchObject([{ first_seq: 1, last_seq: 10, count: 10 }]);
        expect(await log.append(packets(11, 11))).toBe(11);
      });

      it("renumbers what it keeps when the hub is ahead", async () => {
        expect(await log.resume(100)).toBe("hub_ahead");
        expect([log.firstSeq, log.lastSeq]).toEqual([101, 106]);
        expect(await log.read(101, everything)).toEqual({ firstSeq: 101, packets: packets(5, 10) });
      });

      it("renumbers gaps with their packets", async () => {
        await log.replace(6, relayGap(packet(6), { firstSeq: 6, lastSeq: 6, reason: "refused" }));
        await log.resume(100);
        expect((await values(102))[0]).toMatchObject({ first_seq: 102, last_seq: 102 });
      });
    });
  });
}
