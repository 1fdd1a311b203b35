/** What we rely on in the engine's answers; they hold much more. Names are the engine's. */
import { compileValidator } from "@physical-ai/unity-protocol";
import Type, { type Static, type TSchema } from "typebox";

/** The engine writes null for what is empty. */
const orNull = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([Type.Null(), schema]));
const Strings = Type.Record(Type.String(), Type.String());

export const containerStates = ["created", "running", "paused", "restarting", "removing", "exited", "dead"] as const;

const Container = Type.Object({
  Id: Type.String(),
  /** With a slash before it. */
  Name: Type.String(),
  Created: Type.String(),
  /** The image's digest. */
  Image: Type.String(),
  State: Type.Object({ Status: Type.Enum(containerStates), Running: Type.Boolean() }),
  Config: Type.Object({ Hostname: Type.String(), Labels: orNull(Strings) }),
  HostConfig: Type.Object({
    NetworkMode: Type.String(),
    Binds: orNull(Type.Array(Type.String())),
    DeviceRequests: orNull(Type.Array(Type.Object({}))),
  }),
  Mounts: Type.Array(
    Type.Object({ Type: Type.String(), Name: Type.Optional(Type.String()), Destination: Type.String() }),
  ),
  NetworkSettings: Type.Object({
    Networks: Type.Record(Type.String(), Type.Object({ IPAddress: Type.String() })),
  }),
});
/** One container, as inspecting it tells. */
export type ContainerAnswer = Static<typeof Container>;
export const validateContainer = compileValidator("a container", Container);

export const validateCreated = compileValidator("a new container", Type.Object({ id: Type.String() }));

export const validateContainers = compileValidator("containers", Type.Array(Type.Object({ Id: Type.String() })));

export const validateImages = compileValidator(
  "images",
  Type.Array(
    Type.Object({
      Id: Type.String(),
      RepoTags: orNull(Type.Array(Type.String())),
      /** Seconds since 1970. */
      Created: Type.Number(),
      Size: Type.Number(),
    }),
  ),
);

const Network = Type.Object({
  Id: Type.String(),
  Name: Type.String(),
  Created: Type.String(),
  Labels: orNull(Strings),
});
export type NetworkAnswer = Static<typeof Network>;
export const validateNetworks = compileValidator("networks", Type.Array(Network));

export const validateExec = compileValidator(
  "a command",
  Type.Object({ Running: Type.Boolean(), ExitCode: orNull(Type.Integer()) }),
);

const Progress = Type.Object({
  /** Of a layer. */
  id: Type.Optional(Type.String()),
  status: Type.Optional(Type.String()),
  progressDetail: Type.Optional(
    Type.Object({ current: Type.Optional(Type.Number()), total: Type.Optional(Type.Number()) }),
  ),
  /** Output of a build. */
  stream: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
});
/** One event of a build, a pull or a push. */
export type ProgressEvent = Static<typeof Progress>;
export const validateProgress = compileValidator("progress", Progress);

const Cpu = Type.Object({
  cpu_usage: Type.Object({ total_usage: Type.Number() }),
  system_cpu_usage: Type.Optional(Type.Number()),
  online_cpus: Type.Optional(Type.Number()),
});
const Usage = Type.Object({
  cpu_stats: Cpu,
  precpu_stats: Cpu,
  memory_stats: Type.Object({
    usage: Type.Optional(Type.Number()),
    limit: Type.Optional(Type.Number()),
    stats: orNull(Type.Record(Type.String(), Type.Number())),
  }),
  networks: orNull(Type.Record(Type.String(), Type.Object({ rx_bytes: Type.Number(), tx_bytes: Type.Number() }))),
  blkio_stats: Type.Object({
    io_service_bytes_recursive: orNull(Type.Array(Type.Object({ op: Type.String(), value: Type.Number() }))),
  }),
});
/** What a container uses. */
export type UsageAnswer = Static<typeof Usage>;
export const validateUsage = compileValidator("a container's usage", Usage);
