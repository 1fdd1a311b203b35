/** How Parquet files are packed: by native code, which leaves no garbage behind. */
import { compressSync } from "snappy";

/** For a `ParquetWriter`. The packed bytes lie in memory that V8 counts, and so gives back in time. */
export const parquetCompressors = {
  SNAPPY: (bytes: Uint8Array): Uint8Array => compressSync(bytes, { copyOutputData: true }),
};
