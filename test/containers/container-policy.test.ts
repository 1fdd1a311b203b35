/** Policies in containers, in the whole system: relay → hub → worker → container → `ai_prediction`. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../src/database.ts";
import { hasDocker, openTestDocker, type TestDocker } from "../src/docker.ts";
import { eventually } from "../src/eventually.ts";
import { startTestStack, type TestStack } from "../src/test-stack.ts";

const policy = `name: contained
description: Four made-up scores of 24 ranges, by a server in a container.
listens_to: { types: [ultrasound], delivery: latest, field: ranges, channels: 24 }
preprocess: []
model: { runtime: remote, container: { framework: reference, options: { features: "24", labels: "4" } }, wire: zmq }
output: { kind: classification, labels: [a, b, c, d] }
deadline_ms: 600000
`;
// In the legacy spelling, which goes on working. A chunk lasts two seconds: however slow the machine is, some of its
// steps are not late.
const chunkPolicy = `name: contained_chunks
description: Fifty made-up steps from 24 ranges, each a command of 24 numbers.
listens_to: { types: [ultrasound], delivery: latest, field: ranges, channels: 24 }
preprocess: []
model: { runtime: container, framework: reference, options: { state: "24", steps: "50", dt_ms: "40" } }
output: { kind: action_chunk, labels: [${Array.from({ length: 24 }, (_, index) => `joint_${index + 1}`).join(", ")}], dt_ms: 40 }
command: { ttl_ms: 2000, each_step: { action: move_joints } }
deadline_ms: 600000
`;
/** Bounds what hangs, and nothing else. */
const patienceMs = 300_000;
vi.setConfig({ testTimeout: 2 * patienceMs, hookTimeout: 2 * patienceMs });

describe.skipIf(!(await hasDocker()))("policies in containers", () => {
  let database: TestDatabase;
  let docker: TestDocker;
  let stack: TestStack;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase(inject("postgresUrl"));
    docker = await openTestDocker();
    folder = await mkdtemp(join(tmpdir(), "hub-contained-"));
    await writeFile(join(folder, "contained.yaml"), policy);
    await writeFile(join(folder, "contained-chunks.yaml"), chunkPolicy);
    const { owner, networkName, baseImageRegistry, sharedVolumePath } = docker.options;
    stack = await startTestStack({
      databaseUrl: database.url,
      relayArgs: ["simulator"],
      workerArgs: [
        ...["--policies", folder, "--worker-id", "worker-1", "--build-network", "host"],
        ...["--owner", owner, "--network-name", networkName, "--registry", baseImageRegistry],
        ...["--shared-volume", String(sharedVolumePath)],
      ],
    });
  });

  afterAll(async () => {
    await stack?.stop();
    await docker?.close();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const predictions = async () =>
    (await database.pool.query("select count(*)::int as count from ai_predictions where policy = 'contained'")).rows[0]
      .count;
  const more = async (count: number) => {
    const before = await predictions();
    await eventually(async () => expect(await predictions()).toBeGreaterThanOrEqual(before + count), patienceMs);
  };
  const ownContainers = () => docker.manager.listContainers(true);

  const contained = async () => {
    const container = (await ownContainers()).find(({ usedBy }) => usedBy?.endsWith("/contained"));
    return docker.engine.getContainer(container?.id ?? "");
  };

  it("are built, started, and answer; each answer is traceable to its row and its model", async () => {
    await more(200);
    const { rows } = await database.pool.query(
      `select count(*)::int as joined, count(distinct prediction.model_version)::int as models,
              min(prediction.model_version) as model
       from ai_predictions as prediction
       join robot_telemetry as telemetry
         on telemetry.stream_id = prediction.stream_id and telemetry.seq = prediction.last_seq
       where prediction.policy = 'contained' and telemetry.data_type = 'ultrasound'`,
    );
    expect(rows[0]).toMatchObject({ joined: expect.any(Number), models: 1, model: expect.stringMatching(/^\w{12}$/) });
    expect(rows[0].joined).toBeGreaterThanOrEqual(200);
  });

  it("play their chunks step by step, each step an audited command", async () => {
    const { rows } = await eventually(async () => {
      const found = await database.pool.query(
        `select command.params, prediction.result_payload as val
         from robot_commands as command
         join ai_predictions as prediction on prediction.result_payload->'command'->>'command_id' = command.command_id::text
         where command.sender = 'policy:contained_chunks' and command.command = 'move_joints'`,
      );
      expect(found.rows.length).toBeGreaterThan(20);
      return found;
    }, patienceMs);
    for (const { params, val } of rows) expect(Object.values(params).sort()).toEqual([...val.action].sort());
    expect(new Set(rows.map(({ val }) => val.step)).size).toBeGreaterThan(1);
  });

  it("are back by themselves after a container was killed, and the hub notices nothing else", async () => {
    await (await contained()).kill();
    await more(20);
    expect((await ownContainers()).map(({ status }) => status)).toEqual(["running", "running"]);
    const { rows } = await database.pool.query(
      "select max(seq)::int as last, count(*)::int as count from robot_telemetry",
    );
    expect(rows[0].count).toBe(rows[0].last);
  });

  it("are back by themselves after a container was frozen", async () => {
    await (await contained()).pause();
    await more(20);
    expect((await ownContainers()).map(({ status }) => status)).toEqual(["running", "running"]);
  });

  it("find their containers again after the worker was killed", async () => {
    const before = (await ownContainers()).map(({ id }) => id);
    const worker = stack.processes.get("brain-worker");
    process.kill(worker?.pid ?? Number.NaN, "SIGKILL");
    await more(20);
    expect((await ownContainers()).map(({ id }) => id)).toEqual(before);
  });

  it("stop with the worker, also while one is being brought back", async () => {
    await (await contained()).kill();
    await stack.stop();
    await eventually(
      async () => expect((await ownContainers()).map(({ status }) => status)).toEqual(["exited", "exited"]),
      patienceMs,
    );
  });
});
