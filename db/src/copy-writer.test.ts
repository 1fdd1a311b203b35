import { expect, it } from "vitest";
import { CopyWriter } from "./copy-writer.ts";

const header = "5047434f50590aff0d0a00" + "00000000" + "00000000";
const trailer = "ffff";

function written(write: (data: CopyWriter) => void): string {
  const data = new CopyWriter();
  write(data);
  const hex = data.end().toString("hex");
  expect(hex.startsWith(header)).toBe(true);
  expect(hex.endsWith(trailer)).toBe(true);
  return hex.slice(header.length, -trailer.length);
}

it("writes text as its UTF-8 bytes, jsonb with its version", () => {
  expect(written((data) => data.text("é"))).toBe("00000002" + "c3a9");
  expect(written((data) => data.jsonb("{}"))).toBe("00000003" + "01" + "7b7d");
});

it("writes whole numbers of either sign beyond 32 bits", () => {
  expect(written((data) => data.bigint(1))).toBe("00000008" + "0000000000000001");
  expect(written((data) => data.bigint(-1))).toBe("00000008" + "ffffffffffffffff");
  expect(written((data) => data.bigint(Number.MAX_SAFE_INTEGER))).toBe("00000008" + "001fffffffffffff");
  expect(written((data) => data.bigint(undefined))).toBe("ffffffff");
});

it("counts time in microseconds from 2000", () => {
  expect(written((data) => data.timestamp(Date.UTC(2000, 0, 1)))).toBe("00000008" + "0000000000000000");
  expect(written((data) => data.timestamp(Date.UTC(2000, 0, 1) + 0.25))).toBe("00000008" + "00000000000000fa");
});

it("writes uuids as their bytes, one after another", () => {
  const first = "00112233-4455-6677-8899-aabbccddeeff";
  const second = "ffeeddcc-bbaa-9988-7766-554433221100";
  const column = (uuid: string) => `00000010${uuid.replaceAll("-", "")}`;
  expect(
    written((data) => {
      data.uuid(first);
      data.uuid(first);
      data.uuid(second);
      data.uuid(undefined);
    }),
  ).toBe(`${column(first)}${column(first)}${column(second)}ffffffff`);
});

it("grows as far as its rows need", () => {
  const long = "ä".repeat(100_000);
  const data = new CopyWriter(1);
  data.row(1);
  data.text(long);
  data.row(1);
  data.text(long);
  const row = Buffer.concat([Buffer.from("0001" + "00030d40", "hex"), Buffer.from(long)]);
  expect(data.end().equals(Buffer.concat([Buffer.from(header, "hex"), row, row, Buffer.from(trailer, "hex")]))).toBe(
    true,
  );
});
