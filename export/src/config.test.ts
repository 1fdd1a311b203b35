import { expect, it, vi } from "vitest";
import { readExportConfig } from "./config.ts";

const dataset = ["--format", "lerobot", "--robot", "r", "--state", "a", "--action", "b", "--out", "dataset"];

it("reads each kind of export", () => {
  expect(readExportConfig(["--robot", "a,b", "--robot", "c", "--out", "x.csv"])).toMatchObject({
    robots: ["a", "b", "c"],
    work: { kind: "rows", format: "csv", table: "telemetry" },
  });
  expect(readExportConfig(["--policy", "p", "--label-type", "phase", "--out", "x.csv"]).work).toMatchObject({
    kind: "features",
    labels: { field: "label", type: "phase" },
  });
  expect(readExportConfig(dataset).work).toMatchObject({ kind: "lerobot", robot: "r", fps: 10 });
});

it.each([
  ["an empty name, which would mean all robots", ["--robot", "", "--out", "x.csv"], "expected a name"],
  [
    "a span that ends before it begins",
    ["--since", "2026-03-02", "--until", "2026-03-01", "--out", "x.csv"],
    "expected since before until",
  ],
  ["an empty data folder", ["--data-dir", "", "--out", "x.csv"], "expected the path of a folder; got an empty text"],
  ["a database that is none", ["--database-url", "hub", "--out", "x.csv"], "error: expected --database-url or"],
  ["a format besides a policy", ["--policy", "p", "--format", "lerobot", "--out", "x.csv"], "cannot be used with"],
  ["a type besides a policy", ["--policy", "p", "--type", "t", "--out", "x.csv"], "--type goes with csv"],
  ["a table of a dataset", [...dataset, "--table", "predictions"], "--table goes with csv"],
  ["frames a second of rows", ["--fps", "5", "--out", "x.csv"], "--fps goes with --format lerobot"],
  ["labels of rows", ["--label", "phase", "--out", "x.csv"], "--label goes with --policy"],
  ["inputs of telemetry", ["--with-inputs", "--out", "x.csv"], "--with-inputs needs --table predictions or commands"],
  ["two videos of one name", [...dataset, "--video", "a=front,b=front"], "observation.images.front comes twice"],
])("refuses %s", (_, args, message) => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const exit = vi.spyOn(process, "exit").mockImplementation(() => {
    throw new Error("exit");
  });
  try {
    expect(() => readExportConfig(args)).toThrow("exit");
    expect(written.mock.calls.join("")).toContain(message);
  } finally {
    written.mockRestore();
    exit.mockRestore();
  }
});
