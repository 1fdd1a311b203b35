/** Packets at a steady rate, evenly spread over robots, each stamped with its own moment. */
import type { Packet } from "@physical-ai/unity-protocol";

/** Epoch milliseconds with their fraction: `Date.now` is too coarse for latencies of a millisecond. */
export const preciseNow = () => performance.timeOrigin + performance.now();

/** A packet like one of the wall-following robot's. */
export function ultrasoundPacket(index: number, robots: number): Packet {
  const ranges = Array.from({ length: 24 }, (_, sensor) => Math.round((1.5 + Math.sin(index + sensor)) * 1e3) / 1e3);
  return {
    robot_id: `SCITOS_${String(index % robots).padStart(4, "0")}`,
    robot_type: "SCITOS",
    type: "ultrasound",
    val: { ranges },
    ts: preciseNow(),
  };
}

/** Calls `send` with the packets that are due, `hz` a second, until stopped. */
export function paceAt(hz: number, robots: number, send: (packets: Packet[]) => void): () => void {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * hz);
    const packets = [];
    for (; sent < due; sent++) packets.push(ultrasoundPacket(sent, robots));
    if (packets.length > 0) send(packets);
  }, 1);
  return () => clearInterval(timer);
}
