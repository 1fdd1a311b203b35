"""Reads an export back as people do, and writes its rows as JSON: the times in ISO 8601 with microseconds."""

import json
import sys

import pandas as pd
import pyarrow.parquet as pq

TIMES = ["created_at", "received_at"]


def read(path):
    if path.endswith(".parquet"):
        return pq.read_table(path).to_pylist()
    if path.endswith(".jsonl"):
        frame = pd.read_json(path, lines=True, convert_dates=TIMES, precise_float=True)
    else:
        frame = pd.read_csv(path, parse_dates=TIMES, float_precision="round_trip")
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def plain(value):
    return value.isoformat(timespec="microseconds") if hasattr(value, "isoformat") else value


_, source, target = sys.argv
with open(target, "w", encoding="utf-8") as out:
    json.dump([{name: plain(value) for name, value in row.items()} for row in read(source)], out)
