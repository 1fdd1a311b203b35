/** From a packet's `val` to JSON that JSONB takes: what it cannot hold is refused, binary becomes a blob. */
import { createHash } from "node:crypto";
import { maxBinariesPerPacket, maxDepth, type Packet } from "@physical-ai/unity-protocol";

/** Bytes that a row refers to as `{"$blob": sha256, …}`. */
export interface Blob {
  sha256: string;
  bytes: Uint8Array;
}

/** A value ready for the database. */
export type Storable = ({ ok: true } & StorableValue) | { ok: false; problem: string };

/** JSON text, and the binary that was in it. */
export interface StorableValue {
  json: string;
  blobs: readonly Blob[];
}

const noBlobs: readonly Blob[] = [];

/** Turns a value into JSON text (`undefined` into null). Binary is taken out, and described where it stood. */
export function toStorable(value: unknown): Storable {
  const findings: Findings = { binaries: 0 };
  inspect(value, 1, findings);
  if (findings.problem !== undefined) return { ok: false, problem: findings.problem };

  const blobs: Blob[] = [];
  const json = JSON.stringify(findings.binaries > 0 ? withoutBinary(value, blobs) : value) ?? "null";
  // JSON.stringify writes \u only for control characters and halves of surrogate pairs; JSONB refuses some of both.
  if (json.includes("\\u") && hasRefusedEscape(json)) {
    return { ok: false, problem: "a text contains a NUL or half a surrogate pair, which JSONB cannot hold" };
  }
  return { ok: true, json, blobs: blobs.length === 0 ? noBlobs : blobs };
}

/**
 * Says what is wrong with the fields of a packet besides `val`, if anything: they are not stored, but go on to others,
 * whose connections must survive them.
 *
 * @param binaries how many there are in `val`
 */
export function problemWithFields(packet: Packet, binaries: number): string | undefined {
  const findings: Findings = { binaries };
  for (const field in packet) if (field !== "val") inspect(Reflect.get(packet, field), 1, findings);
  return findings.problem;
}

interface Findings {
  problem?: string;
  binaries: number;
}

function inspect(value: unknown, depth: number, findings: Findings): void {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) findings.problem = "a number is too large for JSON";
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Uint8Array) {
    findings.binaries++;
    if (findings.binaries > maxBinariesPerPacket) {
      findings.problem = `a packet may carry at most ${maxBinariesPerPacket} binary values; this one carries more`;
    }
    return;
  }
  if (depth > maxDepth) {
    findings.problem = `the value is nested deeper than ${maxDepth} levels`;
    return;
  }
  // In a message with binary the receiver's parser would take it for one of the attachments, and give up.
  if ("_placeholder" in value && value._placeholder === true) {
    findings.problem = 'an object has "_placeholder": true, which Socket.IO keeps for itself';
    return;
  }
  if (Array.isArray(value)) for (const item of value) inspect(item, depth + 1, findings);
  else for (const key in value) inspect(Reflect.get(value, key), depth + 1, findings);
}

function withoutBinary(value: unknown, blobs: Blob[]): unknown {
  if (value instanceof Uint8Array) {
    const sha256 = createHash("sha256").update(value).digest("hex");
    blobs.push({ sha256, bytes: value });
    return { $blob: sha256, bytes: value.byteLength, encoding: encodingOf(value) };
  }
  if (Array.isArray(value)) return value.map((item) => withoutBinary(item, blobs));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBinary(item, blobs)]));
}

/** Tells pictures by their first bytes. */
export function encodingOf(bytes: Uint8Array): "jpeg" | "png" | "raw" {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "jpeg";
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return "png";
  return "raw";
}

/** An escape counts only where the backslash is not itself escaped. */
function hasRefusedEscape(json: string): boolean {
  return /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/.test(json);
}
