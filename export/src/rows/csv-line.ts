/** A line of CSV (RFC 4180) with its line feed; undefined is an empty cell. */
export function csvLine(cells: readonly (number | bigint | string | undefined)[]): string {
  const quoted = cells.map((cell) => {
    const text = String(cell ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(",")}\n`;
}
