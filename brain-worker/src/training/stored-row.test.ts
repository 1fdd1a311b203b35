import fc from "fast-check";
import { expect, test } from "vitest";
import { parseStoredRow } from "./stored-row.ts";

const row = {
  id: 1,
  robot_id: "r1",
  robot_type: "EP01",
  data_type: "pair",
  payload: { value: [1, 2] },
  created_at: "2025-01-01T00:00:00.25+00:00",
  received_at: "2025-01-01T00:00:01+00:00",
  stream_id: null,
  seq: null,
};

test("a row of the database is the packet that it came from", () => {
  expect(parseStoredRow(JSON.stringify({ ...row, stream_id: "s", seq: 4 }))).toEqual({
    ok: true,
    value: {
      robot_id: "r1",
      robot_type: "EP01",
      type: "pair",
      val: [1, 2],
      ts: Date.UTC(2025, 0, 1, 0, 0, 0, 250),
      received_at: Date.UTC(2025, 0, 1, 0, 0, 0, 250),
      stream_id: "s",
      seq: 4,
    },
  });
});

test("a packet is itself", () => {
  const packet = { robot_id: "r1", robot_type: "EP01", type: "pair", val: 3, ts: 12 };
  expect(parseStoredRow(JSON.stringify(packet))).toEqual({ ok: true, value: { ...packet, received_at: 12 } });
});

test.each([
  ["no JSON", "{", "expected a JSON object"],
  ["no packet", '{"robot_id": "r1"}', "a packet: "],
  ["no payload", JSON.stringify({ ...row, payload: 3 }), "payload must be object; got 3"],
  ["no time", JSON.stringify({ ...row, created_at: "noon" }), 'created_at must be a time in ISO 8601; got "noon"'],
])("says what is wrong with %s", (_, line, problem) => {
  expect(parseStoredRow(line)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
});

test("never throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => typeof parseStoredRow(line).ok === "boolean"));
});
