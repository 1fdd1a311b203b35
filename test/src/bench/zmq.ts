/** An observation to a policy in Python and its action back, against nothing but the wire. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isTensor } from "@physical-ai/policy";
import { ZmqClient } from "@physical-ai/policy-wires";
import { Dealer } from "zeromq";
import { preparePython, startPythonServer } from "../python.ts";
import { freePort } from "../test-stack.ts";
import { type Bench, median } from "./bench.ts";

const warmUpRounds = 200;
const rounds = 2_000;
/** JSON lists take so long that they take part in few rounds. */
const roundsPerJson = 50;
const rawServer = fileURLToPath(new URL("../../zmq/python/raw_server.py", import.meta.url));

const image = { dtype: "uint8", shape: [480, 640, 3], data: new Uint8Array(480 * 640 * 3).fill(128) } as const;
const robot_state = { dtype: "float32", shape: [14], data: new Float32Array(14).fill(0.5) } as const;

export const zmq: Bench = {
  description: "a 640×480 picture and 14 joints to a policy in Python and 14 back, against bare ZMQ and JSON lists",
  async run({ say }) {
    say("starting a policy and two bare servers");
    const { exchanges, close } = await openExchanges();
    try {
      say(`${rounds} rounds, all variants in each`);
      const { policy, json, echo, oneWay } = await measure(exchanges);
      return {
        p50_ms: policy,
        raw_p50_ms: echo,
        json_p50_ms: json,
        ratio_raw: policy / echo,
        speedup_json: json / policy,
        one_way_p50_ms: oneWay,
        ratio_one_way: policy / oneWay,
      };
    } finally {
      await close();
    }
  },
};

type Variant = "policy" | "json" | "echo" | "oneWay";
type Exchanges = Readonly<Record<Variant, () => Promise<void>>>;

/** `echo` sends the very same bytes there and back; `oneWay` leaves the picture there, as a policy does. */
async function openExchanges(): Promise<{ exchanges: Exchanges; close(): Promise<void> }> {
  const port = await freePort();
  const policy = spawn(
    await preparePython(),
    ["-m", "physical_ai_zmq", "reference", "--host", "127.0.0.1", "--port", String(port)],
    { stdio: "ignore" },
  );
  const endpoint = `tcp://127.0.0.1:${port}`;
  const clients = [new ZmqClient({ endpoint }), new ZmqClient({ endpoint, form: "json" })] as const;
  const servers = [await startPythonServer(rawServer), await startPythonServer(rawServer, "short")] as const;
  const sockets = servers.map((server) => {
    const socket = new Dealer({ linger: 0 });
    socket.connect(server.endpoint);
    return socket;
  });
  const [echo, oneWay] = sockets.map(exchangeRaw);
  if (echo === undefined || oneWay === undefined) throw new Error("expected two sockets");
  await clients[0].health({ timeoutMs: 30_000 });
  return {
    exchanges: { policy: () => act(clients[0]), json: () => act(clients[1]), echo, oneWay },
    async close() {
      for (const one of [...clients, ...sockets]) one.close();
      for (const server of servers) await server.kill();
      policy.kill();
      await once(policy, "exit");
    },
  };
}

async function act(client: ZmqClient): Promise<void> {
  const result = await client.inference({ image, robot_state });
  const action = typeof result === "object" && result !== null && "action" in result ? result.action : undefined;
  const length = isTensor(action) ? action.data.length : Array.isArray(action) ? action.length : 0;
  if (length !== 14) throw new Error(`expected an action of 14 numbers; got ${JSON.stringify(result)}`);
}

/** What the client sends, without the client. */
function exchangeRaw(socket: Dealer): () => Promise<void> {
  const tensors = Object.entries({ image, robot_state }).map(([name, { dtype, shape }]) => ({
    name: `/observation/${name}`,
    dtype,
    shape,
  }));
  const request = { type: "inference", data: { observation: {} }, timestamp: 1, request_id: "x".repeat(36), tensors };
  const frames = ["", Buffer.from(JSON.stringify(request)), image.data, Buffer.from(robot_state.data.buffer)];
  return async () => {
    await socket.send(frames);
    await socket.receive();
  };
}

/** Medians in milliseconds. */
async function measure(exchanges: Exchanges): Promise<Record<Variant, number>> {
  const durations: Record<Variant, number[]> = { policy: [], json: [], echo: [], oneWay: [] };
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const variant of ["policy", "echo", "oneWay", "json"] as const) {
      if (variant === "json" && round % roundsPerJson !== 0) continue;
      const startedAt = performance.now();
      await exchanges[variant]();
      if (round >= 0) durations[variant].push(performance.now() - startedAt);
    }
  }
  const { policy, json, echo, oneWay } = durations;
  return { policy: median(policy), json: median(json), echo: median(echo), oneWay: median(oneWay) };
}
