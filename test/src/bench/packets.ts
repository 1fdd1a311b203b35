/** Packets of the size that robots send: an IMU reading, about 150 bytes as JSON. */
import type { Packet } from "@physical-ai/unity-protocol";

/** Makes packet `index` of a fleet; the same index gives the same value. */
export function benchPacket(index: number, robots: number): Packet {
  const wave = (phase: number) => Math.round(Math.sin(index / 50 + phase) * 1e4) / 1e4;
  const robot = String(index % robots).padStart(4, "0");
  return {
    robot_id: `EP01_${robot}`,
    robot_type: "EP01",
    type: "imu",
    val: {
      acc: [wave(0), wave(1), 9.81 + wave(2) / 10],
      gyro: [wave(3), wave(4), wave(5)],
      orientation: [wave(6), wave(7), wave(8), wave(9)],
      frame: "imu_link",
    },
    ts: Date.now(),
  };
}
