/** Simulated robots in real time, as a source of the relay. */
import type { RobotAnswer, RobotCommand } from "@physical-ai/unity-protocol";
import type { PacketSink, Source } from "../source.ts";
import { Simulator } from "./simulator.ts";

/** How often the worlds are moved on, in milliseconds. */
const periodMs = 5;
/** After a longer pause (a suspended machine) the worlds go on from where they were. */
const longestStepMs = 1_000;

interface SimulatorSourceOptions {
  /** How many robots, each in a room of its own; 1 when missing. */
  robots?: number;
  /** The first robot's id; the others are `<id>_02`, `<id>_03` … `EP01` when missing. */
  robotId?: string;
  /** `EP01` when missing. */
  robotType?: string;
  /** The first robot's seed; the others' follow. 1 when missing. */
  seed?: number;
}

/** Robots that stand still until they are started. */
export class SimulatorSource implements Source {
  readonly finished: Promise<void>;
  readonly #simulators: ReadonlyMap<string, Simulator>;
  #finish: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ robots = 1, robotId = "EP01", robotType = "EP01", seed = 1 }: SimulatorSourceOptions = {}) {
    const simulators = Array.from(
      { length: robots },
      (_, index) => new Simulator({ seed: seed + index, robotId: numbered(robotId, index + 1), robotType }),
    );
    this.#simulators = new Map(simulators.map((simulator) => [simulator.robotId, simulator]));
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get robots() {
    return [...this.#simulators.values()].map(({ robotId, robotType }) => ({ robotId, robotType }));
  }

  start(sink: PacketSink): void {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const dtMs = Math.min(now - last, longestStepMs);
      last = now;
      for (const simulator of this.#simulators.values()) this.#advance(simulator, dtMs, sink);
    }, periodMs);
  }

  async execute(command: RobotCommand): Promise<RobotAnswer> {
    const simulator = this.#simulators.get(command.robot_id);
    if (simulator === undefined) return { status: "failed", result: { message: `no robot ${command.robot_id} here` } };
    return simulator.apply(command);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#finish();
  }

  /** Packets bear the time of day: the world's end of the step is now. */
  #advance(simulator: Simulator, dtMs: number, sink: PacketSink): void {
    const packets = simulator.step(dtMs);
    if (packets.length === 0) return;
    const shift = Date.now() - simulator.state.timeMs;
    void sink.accept(packets.map((packet) => ({ ...packet, ts: (packet.ts ?? 0) + shift })));
  }
}

function numbered(robotId: string, number: number): string {
  return number === 1 ? robotId : `${robotId}_${String(number).padStart(2, "0")}`;
}
