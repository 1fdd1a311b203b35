/** The page at the hub: with which token it comes, what it is told, and what it asks of robots. */
import { type CommandRequest, isFinal, protocolVersion, validate } from "@physical-ai/unity-protocol";
import {
  connectToHub,
  describeRefusal,
  type HubConnection,
  type Refusal,
  type RefusalStage,
} from "@physical-ai/unity-protocol/client";
import type { ConnectionState, State } from "./state/state.ts";

const maxHz = 20;
const answerTimeoutMs = 5_000;
const clockIntervalMs = 3_000;
const storageKey = "hub-token";

type CommandAnswer = { ok: true; commandId: string } | { ok: false; problem: string };

export interface Hub {
  /** Never throws: what went wrong is in the answer. */
  requestCommand(request: CommandRequest): Promise<CommandAnswer>;
  /** Connects anew after a refusal. */
  tryAgain(): void;
}

/** Takes the token out of the page's address and keeps it for reloads of this tab; nothing when there is none. */
export function takeToken(): string | undefined {
  const address = new URL(location.href);
  const fromLink = address.searchParams.get("token");
  if (fromLink === null) return sessionStorage.getItem(storageKey) ?? undefined;
  sessionStorage.setItem(storageKey, fromLink);
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
  return fromLink;
}

/** Feeds the state with what the hub that served the page tells, for as long as the page is open. */
export function openHub(state: State, token: string | undefined): Hub {
  const id = `web-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
  const connection = connectToHub({
    url: location.origin,
    token,
    registration: () => ({ role: "viewer", id, protocol: protocolVersion, filter: { max_hz: maxHz } }),
    clockIntervalMs,
    retryFinal: false,
    onRegistered: () => state.setConnection({ phase: "connected" }),
    onClock: ({ sentAt, receivedAt }) => state.setRoundTrip(receivedAt - sentAt),
    onRefused: (refusal, stage) => state.setConnection(stateAfter(refusal, stage)),
    onLost(cause) {
      if (state.connection.phase !== "connected") return;
      const reason = cause === "io server disconnect" ? "the hub closed the connection" : "connection lost";
      state.setConnection({ phase: "reconnecting", reason });
    },
  });
  listen(connection, state);

  return {
    async requestCommand(request) {
      const asked = connection.socket.timeout(answerTimeoutMs).emitWithAck("command_request", request);
      const came = await asked.catch(() => undefined);
      if (came === undefined) {
        return { ok: false, problem: `The hub did not answer within ${answerTimeoutMs / 1_000} s.` };
      }
      const answer = validate.commandAccepted(came);
      if (!answer.ok) return { ok: false, problem: answer.problem };
      if (!answer.value.ok) return { ok: false, problem: answer.value.error.message };
      return { ok: true, commandId: answer.value.command_id };
    },
    tryAgain() {
      state.setConnection({ phase: "connecting" });
      connection.connect();
    },
  };
}

function stateAfter(refusal: Refusal, stage: RefusalStage): ConnectionState {
  const { code, message } = refusal;
  const dismissed = stage === "dismissal";
  if (code !== undefined && isFinal(code)) {
    return dismissed ? { phase: "dismissed", reason: message } : { phase: "refused", reason: describeRefusal(refusal) };
  }
  if (stage === "unreachable") return { phase: "reconnecting", reason: "the hub cannot be reached" };
  return { phase: "reconnecting", reason: dismissed ? `the hub sent this page away: ${message}` : message };
}

/** What is not what the contract says counts as a message, and is left out. */
function listen({ socket, clock }: HubConnection, state: State): void {
  const onPageClock = (hubTime: number) => Math.min(Date.now(), hubTime - clock.offsetMs);

  socket.onAny(() => state.messageRate.count(Date.now()));
  socket.on("update_data", (came: unknown) => {
    const packet = validate.viewedPacket(came);
    if (!packet.ok) return;
    const { received_at: receivedAt } = packet.value;
    state.takePacket(packet.value, receivedAt === undefined ? Date.now() : onPageClock(receivedAt));
  });
  socket.on("command_update", (came: unknown) => {
    const update = validate.commandUpdate(came);
    if (update.ok) state.takeCommandUpdate(update.value, Date.now());
  });
  socket.on("robot_status", (came: unknown) => {
    const status = validate.robotStatus(came);
    if (status.ok) state.takeStatus(status.value, onPageClock(status.value.at));
  });
  socket.on("payload_schema", (came: unknown) => {
    const change = validate.payloadSchema(came);
    if (change.ok) state.takeSchemaChange(change.value, onPageClock(change.value.at));
  });
}
