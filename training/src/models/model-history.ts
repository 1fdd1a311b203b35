/** The models that a policy had before: `history/<policy>/0001-<model version>.onnx` beside its model file. */
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeWhole } from "@physical-ai/service/whole-file";

/** A model that was replaced. */
interface KeptModel {
  readonly file: string;
  readonly modelVersion: string;
  /** From 1, in the order of the deployments. */
  readonly number: number;
}

const namePattern = /^(\d+)-([0-9a-f]{12})\.onnx$/;

/** Keeps what a model file held, so that it can come back. */
export interface ModelHistory {
  /** The oldest first. */
  list(): Promise<KeptModel[]>;
  /** Copies the model file, which is about to be replaced. */
  keep(modelVersion: string): Promise<void>;
  /** Puts the model file, which is about to give way to `earlier`, out of the order; where it lies then. */
  withdraw(modelVersion: string): Promise<string>;
  /** Forgets a model that has come back, and what was kept after it. */
  forget(earlier: KeptModel): Promise<void>;
}

/** @param modelPath the policy's model file */
export function createModelHistory(policy: string, modelPath: string): ModelHistory {
  const folder = join(dirname(modelPath), "history", policy);

  const list = async (): Promise<KeptModel[]> => {
    const names = await readdir(folder).catch(() => []);
    return names
      .flatMap((name) => {
        const [, number, modelVersion] = namePattern.exec(name) ?? [];
        if (number === undefined || modelVersion === undefined) return [];
        return [{ file: join(folder, name), number: Number(number), modelVersion }];
      })
      .sort((a, b) => a.number - b.number);
  };

  const copyTo = async (name: string): Promise<string> => {
    const file = join(folder, name);
    await mkdir(folder, { recursive: true });
    await makeWhole(file, (unfinished) => copyFile(modelPath, unfinished));
    return file;
  };

  return {
    list,
    async keep(modelVersion) {
      const number = ((await list()).at(-1)?.number ?? 0) + 1;
      await copyTo(`${String(number).padStart(4, "0")}-${modelVersion}.onnx`);
    },
    withdraw: (modelVersion) => copyTo(`withdrawn-${modelVersion}.onnx`),
    async forget(earlier) {
      const passed = (await list()).filter(({ number }) => number >= earlier.number);
      for (const { file } of passed) await rm(file, { force: true });
    },
  };
}
