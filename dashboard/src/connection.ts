/** The viewer's connection to the hub: connects, registers, measures the round trip, comes back after every loss. */
import type {
  ClientToHubEvents,
  CommandRequest,
  CommandUpdate,
  ErrorCode,
  Failure,
  HubToClientEvents,
  Packet,
  PayloadSchemaChange,
  RobotStatus,
} from "@physical-ai/unity-protocol";
import { io, type Socket } from "/socket.io/socket.io.esm.min.js";
import type { ConnectionState } from "./state.ts";
import {
  isClockReading,
  isCommandAccepted,
  isCommandUpdate,
  isFailure,
  isPacket,
  isPayloadSchemaChange,
  isRegistered,
  isRobotStatus,
} from "./wire.ts";

const maxHz = 20;
const answerTimeoutMs = 5_000;
const clockIntervalMs = 3_000;
const retryMs = 3_000;
/** Codes that trying again does not cure; the page takes nothing but types from the protocol, to be small. */
const finalCodes: readonly ErrorCode[] = ["unauthorized", "forbidden", "invalid_message"];

const isFinal = ({ code }: Failure["error"]) => finalCodes.includes(code);

/** What the page is told; `at` is when it happened, epoch ms of the page's clock. */
export interface HubListener {
  onConnection(state: ConnectionState): void;
  onRoundTrip(ms: number): void;
  /** Something came, valid or not. */
  onMessage(at: number): void;
  onPacket(packet: Packet, at: number): void;
  onCommandUpdate(update: CommandUpdate, at: number): void;
  onRobotStatus(status: RobotStatus, at: number): void;
  onSchemaChange(change: PayloadSchemaChange, at: number): void;
}

export type CommandAnswer = { ok: true; commandId: string } | { ok: false; problem: string };

export interface HubLink {
  /** Never throws: what went wrong is in the answer. */
  requestCommand(request: CommandRequest): Promise<CommandAnswer>;
  /** Tries again after a refusal. */
  tryAgain(): void;
}

/** Connects to the hub that served the page, for as long as the page is open. */
export function connectToHub(token: string | undefined, listener: HubListener): HubLink {
  const socket: Socket<HubToClientEvents, ClientToHubEvents> = io({
    auth: token === undefined ? {} : { token },
    transports: ["websocket"],
    reconnectionDelay: 300,
    reconnectionDelayMax: retryMs,
  });
  const id = `web-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
  let offsetMs = 0;
  let registered = false;
  /** Why the hub is about to close the connection. */
  let dismissal: Failure["error"] | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  /** @param sentAt by the monotonic clock, which has the finer ticks */
  const measured = (sentAt: number, serverTime: number) => {
    const roundTripMs = performance.now() - sentAt;
    offsetMs = serverTime - (Date.now() - roundTripMs / 2);
    listener.onRoundTrip(roundTripMs);
  };
  const tryLater = (reason: string) => {
    listener.onConnection({ phase: "reconnecting", reason });
    clearTimeout(retry);
    retry = setTimeout(() => socket.connect(), retryMs);
  };

  const refuse = (reason: string) => listener.onConnection({ phase: "refused", reason });

  const register = async () => {
    const sentAt = performance.now();
    const registration = { role: "viewer", id, protocol: 1, filter: { max_hz: maxHz } } as const;
    const answer = await answered(socket.timeout(answerTimeoutMs).emitWithAck("register", registration));
    if (isRegistered(answer)) {
      registered = true;
      listener.onConnection({ phase: "connected" });
      measured(sentAt, answer.server_time);
      return;
    }
    if (!socket.connected) return;
    socket.disconnect();
    if (!isFailure(answer)) tryLater("the hub does not answer");
    else if (isFinal(answer.error)) refuse(answer.error.message);
    else tryLater(answer.error.message);
  };

  /** The hub closed the connection on purpose: Socket.IO would not come back by itself. */
  const closedByHub = (reason: Failure["error"] | undefined) => {
    if (reason === undefined) tryLater("the hub closed the connection");
    else if (isFinal(reason)) listener.onConnection({ phase: "dismissed", reason: reason.message });
    else tryLater(`the hub sent this page away: ${reason.message}`);
  };

  socket.on("connect", register);
  socket.on("dismissed", (reason: unknown) => {
    if (isFailure(reason)) dismissal = reason.error;
  });
  socket.on("disconnect", (reason) => {
    registered = false;
    if (reason === "io server disconnect") closedByHub(dismissal);
    else if (reason !== "io client disconnect")
      listener.onConnection({ phase: "reconnecting", reason: "connection lost" });
    dismissal = undefined;
  });
  socket.on("connect_error", (error) => {
    if (socket.active) listener.onConnection({ phase: "reconnecting", reason: "the hub cannot be reached" });
    else refuse(error.message);
  });

  socket.onAny(() => listener.onMessage(Date.now()));
  socket.on("update_data", (packet: unknown) => {
    if (!isPacket(packet)) return;
    const now = Date.now();
    listener.onPacket(packet, packet.received_at === undefined ? now : Math.min(now, packet.received_at - offsetMs));
  });
  socket.on("command_update", (update: unknown) => {
    if (isCommandUpdate(update)) listener.onCommandUpdate(update, Date.now());
  });
  socket.on("robot_status", (status: unknown) => {
    if (isRobotStatus(status)) listener.onRobotStatus(status, Math.min(Date.now(), status.at - offsetMs));
  });

  socket.on("payload_schema", (change: unknown) => {
    if (isPayloadSchemaChange(change)) listener.onSchemaChange(change, Math.min(Date.now(), change.at - offsetMs));
  });

  setInterval(async () => {
    if (!registered) return;
    const sentAt = performance.now();
    const answer = await answered(socket.timeout(answerTimeoutMs).emitWithAck("clock"));
    if (isClockReading(answer)) measured(sentAt, answer.server_time);
  }, clockIntervalMs);

  return {
    async requestCommand(request) {
      const answer = await answered(socket.timeout(answerTimeoutMs).emitWithAck("command_request", request));
      if (isCommandAccepted(answer)) return { ok: true, commandId: answer.command_id };
      if (isFailure(answer)) return { ok: false, problem: answer.error.message };
      return { ok: false, problem: `The hub did not answer within ${answerTimeoutMs / 1_000} s.` };
    },
    tryAgain() {
      listener.onConnection({ phase: "connecting" });
      socket.connect();
    },
  };
}

/** The answer, checked by nobody yet; nothing when none came in time. */
async function answered(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch(() => undefined);
}
