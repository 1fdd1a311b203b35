/** What an export could not use, kept short whatever came. */

/** Counts as the export goes on. */
export class Report {
  rows = 0;
  episodes = 0;
  frames = 0;
  /** Episodes without one frame for which every field is known. */
  emptyEpisodes = 0;
  readonly #misfits = new Map<string, { count: number; first: string }>();

  /** How often a field did not fit, and how it did the first time. */
  get misfits(): ReadonlyMap<string, { readonly count: number; readonly first: string }> {
    return this.#misfits;
  }

  /** A row whose value does not fit. */
  misfit(field: string, problem: string): void {
    const known = this.#misfits.get(field);
    if (known === undefined) this.#misfits.set(field, { count: 1, first: problem });
    else known.count += 1;
  }
}

/** One line on what was written, and one for everything that could not be used. */
export function describeReport(out: string, report: Report): string[] {
  const { rows, episodes, frames, emptyEpisodes } = report;
  const many = (count: number) => count.toLocaleString("en");
  return [
    `${out}: ${many(episodes)} episodes, ${many(frames)} frames out of ${many(rows)} rows`,
    ...(emptyEpisodes === 0
      ? []
      : [`  left out: ${many(emptyEpisodes)} episodes in which not every field has a reading`]),
    ...describeMisfits(report).map((line) => `  ${line}`),
  ];
}

/** One line for each field whose rows did not always fit. */
export function describeMisfits({ misfits }: Report): string[] {
  return [...misfits].map(([field, { count, first }]) => `${field}: ${count} rows left out; the first: ${first}`);
}
