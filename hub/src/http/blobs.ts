/** `GET /api/blobs/<sha256>`: binary out of packets, to whoever may read the rows that name it. */
import { type FileHandle, open } from "node:fs/promises";
import { blobFile } from "@physical-ai/db";
import type { FastifyInstance } from "fastify";
import { encodingOf } from "../storable.ts";
import { refuse } from "./refuse.ts";

const contentTypes = { jpeg: "image/jpeg", png: "image/png", raw: "application/octet-stream" } as const;
const signatureBytes = 4;

/** Whatever is no SHA-256 never becomes part of a path. */
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Serves the files of the blob folder. Their names are their content: they never change. */
export function serveBlobs(api: FastifyInstance, folder: string): void {
  api.get<{ Params: { sha256: string } }>("/api/blobs/:sha256", async (request, reply) => {
    const sha256 = request.params.sha256.toLowerCase();
    if (!sha256Pattern.test(sha256)) {
      return refuse(reply, "not_found", "expected the 64 hex digits of a SHA-256, as in a row's $blob");
    }
    const file = await openIfThere(blobFile(folder, sha256));
    if (file === undefined) {
      return refuse(reply, "not_found", `there is no blob ${sha256}: retention may have removed it`);
    }
    reply.headers({ etag: `"${sha256}"`, "cache-control": "private, max-age=31536000, immutable" });
    if (request.headers["if-none-match"] === `"${sha256}"`) {
      await file.close();
      return reply.code(304).send();
    }
    const { type, size } = await describe(file);
    // The stream closes the file, also when a sweep removes its name meanwhile.
    return reply.headers({ "content-type": type, "content-length": size }).send(file.createReadStream({ start: 0 }));
  });
}

async function describe(file: FileHandle): Promise<{ type: string; size: number }> {
  const { buffer } = await file.read(Buffer.alloc(signatureBytes), 0, signatureBytes, 0);
  return { type: contentTypes[encodingOf(buffer)], size: (await file.stat()).size };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
