/** `npm run simulate`: how many runs of the simulated robot touch nothing, driven by a policy in one process, without wires. */
import { fileURLToPath } from "node:url";
import { Command, Option } from "@commander-js/extra-typings";
import { loadPolicies, openPredictor, type Policy } from "@physical-ai/policy";
import { Simulator } from "@physical-ai/relay";
import { wholeNumber } from "@physical-ai/service/options";
import { type Packet, type RawPacket, validate } from "@physical-ai/unity-protocol";
import { pino } from "pino";

const stepMs = 10;

const options = new Command("npm run simulate --")
  .description("Lets a policy drive the simulated robot, faster than real time, and counts what it touches.")
  .addOption(new Option("--policy <name>", "who drives").default("wall-following"))
  .addOption(new Option("--runs <count>", "seeds 1, 2, 3 …").default(10).argParser(wholeNumber(1)))
  .addOption(new Option("--seconds <number>", "simulated seconds a run").default(120).argParser(wholeNumber(1)))
  .option("--json", "print the reports as one JSON object at the end", false)
  .parse()
  .opts();

const folder = fileURLToPath(new URL("../../brain-worker/policies", import.meta.url));
const policies = await loadPolicies(folder);
const policy = policies.find((candidate) => candidate.name === options.policy);
if (policy === undefined) {
  console.error(`no policy ${options.policy}; there are ${policies.map(({ name }) => name).join(", ")}`);
  process.exit(1);
}
const reports = [];
for (let seed = 1; seed <= options.runs; seed++) {
  const report = await drive(policy, seed, options.seconds);
  reports.push(report);
  console.error(`seed ${seed}: ${report.metres.toFixed(1)} m, ${report.collisions} collisions`);
}
const untouched = reports.filter((report) => report.collisions === 0).length;
console.error(`${untouched} of ${options.runs} runs of ${options.seconds} s touched nothing`);
if (options.json) console.log(JSON.stringify({ runs: options.runs, untouched, reports }));

/** How one run went. */
interface DriveReport {
  seed: number;
  simulatedSeconds: number;
  /** Distinct touches of a wall or obstacle. */
  collisions: number;
  metres: number;
  predictions: number;
}

/** Lets the policy drive the robot of one seed. */
async function drive(policy: Policy, seed: number, seconds: number): Promise<DriveReport> {
  const simulator = new Simulator({ seed });
  const now = () => simulator.state.timeMs;
  const received = (packet: Packet): RawPacket => ({ ...packet, received_at: now() });
  const predictor = await openPredictor({ logger: pino({ level: "warn" }), now }, policy);
  let metres = 0;
  let predictions = 0;
  try {
    let before = simulator.state.pose;
    for (let time = 0; time < seconds * 1_000; time += stepMs) {
      const inputs = simulator
        .step(stepMs)
        .filter((packet) => policy.definition.listens_to.types.includes(packet.type));
      for (const prediction of inputs.length === 0 ? [] : await predictor.predict(inputs.map(received))) {
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

function commandOf(packet: Packet) {
  const prediction = validate.prediction(packet.val);
  if (!prediction.ok) throw new Error(prediction.problem);
  return prediction.value.command;
}
