/** From a packet's `val` to JSON that JSONB takes: what it cannot hold is refused, binary becomes a blob, all is measured. */
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
interface StorableValue {
  json: string;
  blobs: readonly Blob[];
}

/** A packet's `val` ready for the database, and about how much memory the whole packet takes. */
export type StorablePacket = ({ ok: true; bytes: number } & StorableValue) | { ok: false; problem: string };

const noBlobs: readonly Blob[] = [];

/** Turns a value into JSON text (`undefined` into null). Binary is taken out, and described where it stood. */
export function toStorable(value: unknown): Storable {
  return storableOf(value, { binaries: 0, bytes: 0 });
}

/** The same of a packet's `val`. Its other fields are not stored, but go on to others, whose connections must survive them. */
export function toStorablePacket(packet: Packet): StorablePacket {
  const findings: Findings = { binaries: 0, bytes: 0 };
  const value = storableOf(packet.val, findings);
  if (!value.ok) return value;
  inspectFields(packet, findings);
  if (findings.problem !== undefined) return { ok: false, problem: findings.problem };
  return { ok: true, json: value.json, blobs: value.blobs, bytes: findings.bytes };
}

/** Says what is wrong with the fields of a packet besides `val`, if anything. `binaries`: how many there are in `val`. */
export function problemWithFields(packet: Packet, binaries: number): string | undefined {
  const findings: Findings = { binaries, bytes: 0 };
  inspectFields(packet, findings);
  return findings.problem;
}

/** About how much memory a value takes, for bounds. */
export function approximateBytes(value: unknown): number {
  const findings: Findings = { binaries: 0, bytes: 0 };
  inspect(value, 1, findings);
  return findings.bytes;
}

function storableOf(value: unknown, findings: Findings): Storable {
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

interface Findings {
  problem?: string;
  binaries: number;
  /** About how much memory all of it takes. */
  bytes: number;
}

function inspectFields(packet: Packet, findings: Findings): void {
  for (const field in packet) {
    findings.bytes += field.length;
    if (field !== "val") inspect(Reflect.get(packet, field), 1, findings);
  }
}

/** Of each value, beside its text or bytes. */
const bytesPerValue = 16;

function inspect(value: unknown, depth: number, findings: Findings): void {
  findings.bytes += bytesPerValue;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) findings.problem = "a number is too large for JSON";
    return;
  }
  if (typeof value === "string") {
    findings.bytes += value.length;
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (value instanceof Uint8Array) {
    findings.bytes += value.byteLength;
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
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, depth + 1, findings);
    return;
  }
  for (const key in value) {
    findings.bytes += key.length;
    inspect(Reflect.get(value, key), depth + 1, findings);
  }
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
