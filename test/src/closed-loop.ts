/** A policy drives the simulator in one process, faster than real time: the loop without the wires. */
import { openPredictor, type Policy } from "@physical-ai/policy";
import { Simulator } from "@physical-ai/relay";
import { type Packet, type RawPacket, validate } from "@physical-ai/unity-protocol";
import { pino } from "pino";

/** How one run went. */
export interface DriveReport {
  seed: number;
  simulatedSeconds: number;
  /** Distinct touches of a wall or obstacle. */
  collisions: number;
  metres: number;
  predictions: number;
}

const stepMs = 10;

/** Lets the policy drive the robot of one seed. */
export async function drive(policy: Policy, seed: number, seconds: number): Promise<DriveReport> {
  const simulator = new Simulator({ seed });
  const now = () => simulator.state.timeMs;
  const predictor = await openPredictor({ logger: pino({ level: "warn" }), now }, policy);
  let metres = 0;
  let predictions = 0;
  try {
    let before = simulator.state.pose;
    for (let time = 0; time < seconds * 1_000; time += stepMs) {
      const inputs = simulator
        .step(stepMs)
        .filter((packet) => policy.definition.listens_to.types.includes(packet.type));
      for (const prediction of inputs.length === 0 ? [] : await predictor.predict(inputs.map(toRaw(now)))) {
        predictions++;
        const command = commandOf(prediction);
        if (command !== undefined) simulator.apply(command);
      }
      const { pose } = simulator.state;
      metres += Math.hypot(pose.x - before.x, pose.y - before.y);
      before = pose;
    }
  } finally {
    await predictor.close();
  }
  return { seed, simulatedSeconds: seconds, collisions: simulator.state.collisions, metres, predictions };
}

const toRaw =
  (now: () => number) =>
  (packet: Packet): RawPacket => ({ ...packet, received_at: now() });

function commandOf(packet: Packet) {
  const prediction = validate.prediction(packet.val);
  if (!prediction.ok) throw new Error(prediction.problem);
  return prediction.value.command;
}
