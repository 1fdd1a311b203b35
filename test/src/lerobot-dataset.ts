/** Exports LeRobotDatasets, and has Python hold them to the format's rules and to the rows. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type EpisodeRule, exportLerobot, type LerobotReport, parseCamera, parseField } from "@physical-ai/export";
import type { TestDatabase } from "./database.ts";
import { robotId, robotType } from "./lerobot-rows.ts";
import { runDataPython } from "./python.ts";

const checker = fileURLToPath(new URL("../export/check_lerobot.py", import.meta.url));

/** What a test asks for; `robot` and the places are always the same. */
export interface Choice {
  readonly state: readonly string[];
  readonly action: readonly string[];
  readonly fps: number;
  readonly episodes: EpisodeRule;
  readonly cameras?: readonly string[];
  readonly task?: string;
  readonly since?: Date;
}

/** What an episode must be: all rows between these moments. */
export interface Span {
  readonly task: string;
  readonly begin_ms: number;
  readonly end_ms: number;
}

/** A folder for datasets. Whoever makes it removes it. */
export interface Datasets {
  readonly folder: string;
  place(name: string): string;
  export(name: string, choice: Choice): Promise<LerobotReport>;
  /**
   * Has the checker compute everything again, from the rows as the database has them and from what was asked for; what it
   * printed.
   *
   * @param shapes of the cameras' videos
   */
  check(
    name: string,
    choice: Choice,
    episodes: readonly Span[],
    shapes?: readonly (readonly number[])[],
  ): Promise<unknown>;
  remove(): Promise<void>;
}

export async function makeDatasets(database: TestDatabase): Promise<Datasets> {
  const folder = await mkdtemp(join(tmpdir(), "lerobot-"));
  const place = (name: string) => join(folder, name);
  return {
    folder,
    place,
    remove: () => rm(folder, { recursive: true, force: true }),

    export(name, { state, action, cameras = [], ...choice }) {
      return exportLerobot(database.pool, {
        ...choice,
        robot: robotId,
        out: place(name),
        state: state.map((text) => parseField(text, "hold")),
        action: action.map((text) => parseField(text, "hold")),
        cameras: cameras.map(parseCamera),
        blobFolder: place("blobs"),
      });
    },

    async check(name, choice, episodes, shapes = []) {
      const { rows } = await database.pool.query(allRows);
      const fields = [
        ...choice.state.map((text) => fieldOf(text, "observation.state")),
        ...choice.action.map((text) => fieldOf(text, "action")),
      ];
      const videos = (choice.cameras ?? []).map(parseCamera);
      const cameras = videos.map(({ field, key }, index) => ({ ...field, key, method: "hold", shape: shapes[index] }));
      const asked = { fps: choice.fps, robot_type: robotType, fields, episodes, cameras, blob_folder: place("blobs") };
      await writeFile(place(`${name}.json`), JSON.stringify({ ...asked, rows }));
      const printed = await runDataPython(checker, place(name), place(`${name}.json`));
      console.info(`lerobot ${name}: ${printed.trim()}`);
      return JSON.parse(printed);
    },
  };
}

function fieldOf(text: string, group: string) {
  const { resampling: method, ...field } = parseField(text, "hold");
  return { ...field, group, method };
}

const atMs = "(extract(epoch from created_at) * 1000)::float8 as at_ms";
const allRows = `
  select * from (
    select 'telemetry' as source, data_type as type, payload->'value' as value, ${atMs}
      from robot_telemetry where robot_id = '${robotId}'
    union all
    select 'command', command, params, ${atMs} from robot_commands where status in ('sent', 'acknowledged')
    union all
    select 'prediction', policy, result_payload, ${atMs} from ai_predictions
  ) as stored order by at_ms`;
