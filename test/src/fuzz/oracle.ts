/** What the hub must refuse: by the compiled validators, and by the rules that no schema can say. */
import { predictionType, type Role, type Validation, validate } from "@physical-ai/unity-protocol";

/** How the sender of a message stands. */
export interface Sender {
  /** What it has registered as, if it has. */
  role: Role | undefined;
  /** It registered without a protocol, as legacy clients do. */
  legacy: boolean;
}

/** How the ids of streams begin of which there is one batch only. */
export const freshStream = "ffffffff-";

const dayMs = 86_400_000;
const maxDepth = 100;
const maxBinaries = 10;

/** Says why the hub must refuse a message; `undefined` where it may accept it. `message` is as the hub sees it. */
export function reasonToRefuse(event: string, message: unknown, sender: Sender): string | undefined {
  switch (event) {
    case "clock":
      return undefined;
    case "register":
      return problemOf(validate.registration(message));
    case "relay_to_hub":
      return sender.role === "relay" ? refusedPackets(message) : "wrong role";
    case "worker_to_hub":
      return sender.role === "brain_worker" ? refusedOfWorker(message, sender) : "wrong role";
    case "command_request":
      return sender.role === "viewer" ? refusedCommand(message) : "wrong role";
    case "hex_to_hub":
      return sender.role === "brain_worker" ? refusedBytes(message) : "wrong role";
    default:
      return "unknown event";
  }
}

function problemOf(validation: Validation<unknown>): string | undefined {
  return validation.ok ? undefined : validation.problem;
}

function refusedPackets(message: unknown): string | undefined {
  const isBatch = typeof message === "object" && message !== null && "packets" in message;
  if (isBatch) {
    const batch = validate.batch(message);
    if (!batch.ok) return batch.problem;
    // Of other streams the hub may have these packets already: then it does not look at them again.
    if (!batch.value.stream_id.startsWith(freshStream)) return undefined;
    return unfit(batch.value.packets, batch.value.clock_offset_ms ?? 0);
  }
  const packets = validate.packetArray(Array.isArray(message) ? message : [message]);
  return packets.ok ? unfit(packets.value, 0) : packets.problem;
}

function unfit(packets: readonly { val: unknown; ts?: number }[], offsetMs: number): string | undefined {
  for (const packet of packets) {
    const ageDays = packet.ts === undefined ? 0 : (Date.now() - packet.ts - offsetMs) / dayMs;
    // The hub's now is a moment later.
    if (ageDays > 31.1 || ageDays < -1.1) return "absurd clock";
    const problem = unstorable(packet.val);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function refusedOfWorker(message: unknown, { legacy }: Sender): string | undefined {
  const packet = validate.packet(message);
  if (!packet.ok) return packet.problem;
  if (packet.value.type !== predictionType) return unfit([packet.value], 0);
  const prediction = legacy ? undefined : problemOf(validate.prediction(packet.value.val));
  return prediction ?? unstorable(packet.value.val);
}

function refusedCommand(message: unknown): string | undefined {
  const request = validate.commandRequest(message);
  return request.ok ? unstorable(request.value.params) : request.problem;
}

function refusedBytes(message: unknown): string | undefined {
  const bytes = validate.hexToHub(message);
  if (!bytes.ok) return bytes.problem;
  const { payload } = bytes.value;
  const isText = typeof payload === "string" && /^[\s,:x0-9a-f-]+$/i.test(payload);
  const isBytes = payload instanceof Uint8Array || (Array.isArray(payload) && payload.every(Number.isInteger));
  return isText || isBytes ? undefined : "neither hex text nor bytes";
}

/** What JSONB cannot hold, or what others' connections would not survive. Without recursion: the nesting is anything. */
function unstorable(root: unknown): string | undefined {
  let binaries = 0;
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 1 }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, depth } = place;
    if (typeof value === "number" && !Number.isFinite(value)) return "not a finite number";
    if (typeof value === "string" && isRefusedText(value)) return "NUL or half a surrogate pair";
    if (value instanceof Uint8Array && ++binaries > maxBinaries) return "too many binary values";
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) continue;
    if (depth > maxDepth) return "nested too deeply";
    for (const [key, child] of Object.entries(value)) {
      if (isRefusedText(key)) return "NUL or half a surrogate pair in a key";
      open.push({ value: child, depth: depth + 1 });
    }
  }
  return undefined;
}

function isRefusedText(text: string): boolean {
  return text.includes("\u0000") || /\p{Surrogate}/u.test(text);
}
