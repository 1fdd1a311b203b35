/** `npm run schemas`: writes the JSON Schema documents of the contract. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { jsonSchemaFiles, schemasFolder } from "./json-schema.ts";

await rm(schemasFolder, { recursive: true, force: true });
await mkdir(schemasFolder, { recursive: true });
for (const [file, text] of jsonSchemaFiles()) await writeFile(new URL(file, schemasFolder), text);
