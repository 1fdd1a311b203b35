/** The newest value of each data type of a robot, so that new viewers see how things stand. */
import type { Packet } from "@physical-ai/unity-protocol";
import type { NewestValue } from "../../cluster/messages.ts";
import { approximateBytes } from "../../storable.ts";

/** Keeps the values of one robot. */
export interface NewestValues {
  /** A value came. `here`: this hub took it in. Where there is no room it is not kept, nor is the one before it. */
  remember(packet: Packet, receivedAt: number, here: boolean): void;
  /** A value that another hub remembers. Returns false when a newer one is known. */
  recall(value: NewestValue): boolean;
  types(): Iterable<string>;
  all(): Iterable<KeptValue>;
  /** Makes room for those of others. */
  clear(): void;
}

/** A value, when the hub got it, and whether this hub took it in. */
export interface KeptValue {
  packet: Packet;
  receivedAt: number;
  here: boolean;
}

/** Bounds of newest values. */
export interface NewestValuesOptions {
  maxTypesPerRobot: number;
  /** Of all robots together. */
  maxBytes: number;
}

/** Returns what makes the values of a robot; all that it makes share a bound. */
export function createNewestValues({ maxTypesPerRobot, maxBytes }: NewestValuesOptions): () => NewestValues {
  let bytesOfAll = 0;

  return () => {
    const byType = new Map<string, KeptValue & { bytes: number }>();

    function remember(packet: Packet, receivedAt: number, here: boolean): void {
      const known = byType.get(packet.type);
      if (known === undefined && byType.size >= maxTypesPerRobot) return;
      const bytes = approximateBytes(packet);
      bytesOfAll -= known?.bytes ?? 0;
      if (bytesOfAll + bytes > maxBytes) {
        byType.delete(packet.type);
        return;
      }
      byType.set(packet.type, { packet, bytes, receivedAt, here });
      bytesOfAll += bytes;
    }

    return {
      remember,
      recall({ packet, received_at: receivedAt }) {
        const known = byType.get(packet.type);
        if (known !== undefined && known.receivedAt >= receivedAt) return false;
        remember(packet, receivedAt, false);
        return true;
      },
      types: () => byType.keys(),
      all: () => byType.values(),
      clear() {
        for (const { bytes } of byType.values()) bytesOfAll -= bytes;
        byType.clear();
      },
    };
  };
}
