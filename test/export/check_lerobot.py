"""Reads a LeRobotDataset v3.0 back with pyarrow, and holds it to the rules of the format and to the rows it came from.

Everything is computed again here, with numpy, from what was stored: the timelines, the frames, the statistics. Prints a
summary as JSON; a rule that is broken is an AssertionError.

    python check_lerobot.py FOLDER EXPECTED.json
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
INDICES = {
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}
STATISTICS = ["min", "max", "mean", "std", *QUANTILES]


def readings_of(rows: list[dict], field: dict) -> None:
    """Finds a field's readings among the stored rows, and the names of its dimensions."""
    found = [(row["at_ms"], value_at(row["value"], field["path"])) for row in rows if is_of(row, field)]
    leaves = [(at, list(leaves_of(value, field["name"]))) for at, value in found]
    field["times"] = np.array([at for at, _ in leaves])
    field["values"] = np.array([[value for _, value in numbers] for _, numbers in leaves], dtype=np.float64)
    field["names"] = [name for name, _ in leaves[0][1]]


def is_of(row: dict, field: dict) -> bool:
    return row["source"] == field["source"] and row["type"] == field["type"]


def value_at(value, path: list[str]):
    for step in path:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def leaves_of(value, name: str):
    if not isinstance(value, (dict, list)):
        yield name, float(value)
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inner:
        yield from leaves_of(item, f"{name}.{key}")


def expected_frames(episode: dict, fields: list[dict], cameras: list[dict], fps: int):
    """An array of float32 for each group of fields, and for each camera the number of the picture in each frame."""
    spans = [np.flatnonzero((f["times"] >= episode["begin_ms"]) & (f["times"] <= episode["end_ms"])) for f in [*fields, *cameras]]
    cut = [(f["times"][span], span) for f, span in zip([*fields, *cameras], spans, strict=True)]
    first = max(times[0] for times, _ in cut)
    ends = [times[-1] for (times, _), f in zip(cut, [*fields, *cameras], strict=True) if f["method"] != "hold"]
    count = math.floor((min([*ends, episode["end_ms"]]) - first) * fps / 1000 + 1e-4) + 1
    clock = first + np.arange(count) * 1000 / fps
    groups: dict[str, list[np.ndarray]] = {"observation.state": [], "action": []}
    for (times, span), field in zip(cut, fields):
        groups[field["group"]].append(resampled(times, field["values"][span], clock, field["method"]))
    pictures = [span[np.searchsorted(times, clock + 0.01, "right") - 1] for times, span in cut[len(fields) :]]
    return {name: np.concatenate(columns, axis=1).astype(np.float32) for name, columns in groups.items()}, pictures


def resampled(times: np.ndarray, values: np.ndarray, clock: np.ndarray, method: str) -> np.ndarray:
    if method == "linear":
        return np.stack([np.interp(clock, times, column) for column in values.T], axis=1)
    if method == "hold":
        return values[np.searchsorted(times, clock + 0.01, "right") - 1]
    return values[np.argmin(np.abs(times[None, :] - clock[:, None]), axis=1)]


def stats_of(values: np.ndarray) -> dict:
    """Of an array (frames, dimensions), in float64."""
    values = values.astype(np.float64)
    basic = {"min": values.min(0), "max": values.max(0), "mean": values.mean(0), "std": values.std(0)}
    return basic | {name: np.quantile(values, q, axis=0) for name, q in QUANTILES.items()}


def aggregated(stats: list[dict], counts: list[int]) -> dict:
    """As lerobot's aggregate_feature_stats does it."""
    weights = np.array(counts, dtype=np.float64)[:, None] / sum(counts)
    mean = sum(w * s["mean"] for w, s in zip(weights, stats, strict=True))
    variance = sum(w * (s["std"] ** 2 + (s["mean"] - mean) ** 2) for w, s in zip(weights, stats, strict=True))
    total = {
        "min": np.min([s["min"] for s in stats], axis=0),
        "max": np.max([s["max"] for s in stats], axis=0),
        "mean": mean,
        "std": np.sqrt(variance),
    }
    return total | {q: sum(w * s[q] for w, s in zip(weights, stats, strict=True)) for q in QUANTILES}


def close(actual, expected, what: str, tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(np.asarray(actual, float).ravel(), np.ravel(expected), rtol=tolerance, atol=tolerance, err_msg=what)


def check_info(root: Path, expected: dict) -> dict:
    info = json.loads((root / "meta/info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    assert info["robot_type"] == expected["robot_type"]
    assert info["fps"] == expected["fps"] and isinstance(info["fps"], int)
    assert info["chunks_size"] == 1000
    assert info["data_files_size_in_mb"] == 100
    assert info["video_files_size_in_mb"] == 200
    assert info["data_path"] == "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    video_path = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    assert info["video_path"] == (video_path if expected["cameras"] else None)
    assert info["total_episodes"] == len(expected["episodes"])
    assert info["splits"] == {"train": f"0:{info['total_episodes']}"}
    features = info["features"]
    assert not any("/" in name for name in features)
    for name, dtype in INDICES.items():
        assert features[name] == {"dtype": dtype, "shape": [1], "names": None}, name
    for name in ("observation.state", "action"):
        names = [n for field in expected["fields"] if field["group"] == name for n in field["names"]]
        assert features[name] == {"dtype": "float32", "shape": [len(names)], "names": names}, features[name]
    for camera in expected["cameras"]:
        feature = features[camera["key"]]
        assert feature["dtype"] == "video" and feature["names"] == ["height", "width", "channels"]
        assert feature["shape"] == camera["shape"]
    assert len(features) == 7 + len(expected["cameras"])
    written = (root / "meta/info.json").stat().st_mtime_ns
    later = [path for path in root.rglob("*.*") if path.stat().st_mtime_ns > written]
    assert not later, f"info.json must be last; {later} came after"
    return info


def check_tasks(root: Path, expected: dict, info: dict) -> list[str]:
    order = list(dict.fromkeys(episode["task"] for episode in expected["episodes"]))
    assert info["total_tasks"] == len(order)
    path = root / "meta/tasks.parquet"
    schema = pq.read_schema(path)
    assert schema.field("task_index").type == pa.int64() and schema.field("task").type == pa.string()
    pandas = json.loads(schema.metadata[b"pandas"])
    assert pandas["index_columns"] == ["task"] and pandas["column_indexes"] == [] and pandas["pandas_version"]
    assert {column["name"] for column in pandas["columns"]} == {"task", "task_index"}
    tasks = pd.read_parquet(path)
    assert tasks.index.name == "task" and list(tasks.columns) == ["task_index"]
    assert tasks.index.tolist() == order and tasks["task_index"].tolist() == list(range(len(order)))
    # As LeRobot gives an item its task: by position, and it must be text.
    assert isinstance(tasks.iloc[0].name, str)
    return order


def column_type(info: dict, name: str) -> pa.DataType:
    feature = info["features"][name]
    value = pa.float32() if feature["dtype"] == "float32" else pa.int64()
    return value if feature["shape"] == [1] else pa.list_(value)


def check_schema(table: pq.ParquetFile, info: dict) -> None:
    columns = [name for name, feature in info["features"].items() if feature["dtype"] != "video"]
    assert set(table.schema_arrow.names) == set(columns), table.schema_arrow.names
    for name in columns:
        came, wanted = table.schema_arrow.field(name).type, column_type(info, name)
        same = came.value_type == wanted.value_type if pa.types.is_list(wanted) else came == wanted
        assert same, f"{name} is {came}, not {wanted}"
    for group in range(table.metadata.num_row_groups):
        row_group = table.metadata.row_group(group)
        for column in range(row_group.num_columns):
            assert row_group.column(column).compression == "SNAPPY"


def check_frames(root: Path, expected: dict, info: dict, rows: list[dict], order: list[str]):
    """Each episode is one row group, at the place that its row says, and equal to the stored rows resampled here."""
    cameras = expected["cameras"]
    seen, start, groups_of_file, stats = {}, 0, {}, []
    pictures = []
    for index, (episode, row) in enumerate(zip(expected["episodes"], rows, strict=True)):
        path = info["data_path"].format(chunk_index=row["data/chunk_index"], file_index=row["data/file_index"])
        table = seen.setdefault(path, pq.ParquetFile(root / path))
        check_schema(table, info)
        group = groups_of_file[path] = groups_of_file.get(path, -1) + 1
        frames = table.read_row_group(group)
        values, shown = expected_frames(episode, expected["fields"], cameras, info["fps"])
        pictures.append(shown)
        length = len(values["action"])
        assert frames.num_rows == row["length"] == length, (index, frames.num_rows, row["length"], length)
        assert (row["dataset_from_index"], row["dataset_to_index"]) == (start, start + length)
        assert row["episode_index"] == index and row["tasks"] == [episode["task"]]
        columns = {name: np.stack([np.ravel(v) for v in frames[name].to_pylist()]) for name in frames.column_names}
        assert (columns["frame_index"].ravel() == np.arange(length)).all()
        assert (columns["episode_index"] == index).all()
        assert (columns["index"].ravel() == np.arange(start, start + length)).all()
        assert (columns["task_index"] == order.index(episode["task"])).all()
        exact = (np.arange(length) / info["fps"]).astype(np.float32)
        assert (frames["timestamp"].to_numpy() == exact).all()
        for name, array in values.items():
            close(columns[name], array, f"{name} of episode {index}", 1e-6)
            assert not np.isnan(columns[name].astype(float)).any()
        typed = {name: columns[name].astype(np.float32 if info["features"][name]["dtype"] == "float32" else np.int64) for name in columns}
        stats.append({name: stats_of(array) for name, array in typed.items()})
        start += length
    for path, count in groups_of_file.items():
        assert seen[path].metadata.num_row_groups == count + 1, "one row group an episode, and no more"
    assert sorted(str(p.relative_to(root)) for p in (root / "data").rglob("*.parquet")) == sorted(seen)
    assert info["total_frames"] == start
    return stats, pictures


def check_videos(root: Path, expected: dict, info: dict, rows: list[dict], pictures, stats: list[dict]) -> None:
    """Each episode's file has as many frames as the episode, and its statistics are those of the pictures in it."""
    for number, camera in enumerate(expected["cameras"]):
        key, (height, width, _) = camera["key"], camera["shape"]
        for row, shown, episode_stats in zip(rows, pictures, stats, strict=True):
            place = {"video_key": key, "chunk_index": row[f"videos/{key}/chunk_index"], "file_index": row[f"videos/{key}/file_index"]}
            video = root / info["video_path"].format(**place)
            assert row[f"videos/{key}/from_timestamp"] == 0
            close(row[f"videos/{key}/to_timestamp"], row["length"] / info["fps"], "to_timestamp")
            decoded = rgb(video, width, height)
            assert len(decoded) == row["length"], (len(decoded), row["length"])
            stored = np.concatenate([rgb(camera["files"][n], width, height) for n in shown[number]])
            # Lossy, but the right picture at the right frame: the neighbours are much farther away.
            error = np.abs(decoded.astype(float) - stored).mean(axis=(1, 2, 3))
            assert error.max() < 12, error.max()
            episode_stats[key] = stats_of(stored.reshape(-1, 3) / 255)


def rgb(path: Path, width: int, height: int) -> np.ndarray:
    from imageio_ffmpeg import get_ffmpeg_exe

    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-vf", f"scale={width}:{height}", "-fps_mode", "passthrough"]
    raw = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def check_stats(root: Path, info: dict, rows: list[dict], stats: list[dict]) -> int:
    """In the episodes' rows, and in stats.json over all of them; a video's are channels x 1 x 1."""
    total = json.loads((root / "meta/stats.json").read_text())
    lengths = [row["length"] for row in rows]
    assert set(total) == set(info["features"])
    compared = 0
    for name, feature in info["features"].items():
        video = feature["dtype"] == "video"
        shape = (3, 1, 1) if video else tuple(feature["shape"])
        tolerance = 2e-3 if video else 1e-9
        of_all = aggregated([episode[name] for episode in stats], lengths)
        assert total[name]["count"] == [sum(lengths)]
        for statistic in STATISTICS:
            for row, episode in zip(rows, stats, strict=True):
                value = row[f"stats/{name}/{statistic}"]
                assert np.shape(value) == shape, (name, statistic, np.shape(value))
                close(value, episode[name][statistic], f"{name} {statistic}", tolerance)
            assert np.shape(total[name][statistic]) == shape
            close(total[name][statistic], of_all[statistic], f"{name} {statistic} of all", tolerance)
            compared += (len(rows) + 1) * math.prod(shape)
        assert [row[f"stats/{name}/count"] for row in rows] == [[length] for length in lengths]
    return compared


def check_episode_schema(path: Path, info: dict) -> None:
    schema = pq.read_schema(path)
    for name in schema.names:
        came = schema.field(name).type
        depth = 0
        while pa.types.is_list(came):
            came, depth = came.value_type, depth + 1
        if name == "tasks":
            wanted = (pa.string(), 1)
        elif name.startswith("stats/"):
            feature, statistic = name.removeprefix("stats/").rsplit("/", 1)
            deep = 3 if info["features"][feature]["dtype"] == "video" and statistic != "count" else 1
            wanted = (pa.int64() if statistic == "count" else pa.float64(), deep)
        else:
            wanted = (pa.float64() if name.endswith("_timestamp") else pa.int64(), 0)
        assert (came, depth) == wanted, f"{name} is {schema.field(name).type}"


def main(root: Path, expected: dict) -> None:
    for field in expected["fields"]:
        readings_of(expected["rows"], field)
    for camera in expected["cameras"]:
        shown = [row for row in expected["rows"] if is_of(row, camera)]
        blobs = [value_at(row["value"], camera["path"])["$blob"] for row in shown]
        camera["times"] = np.array([row["at_ms"] for row in shown])
        camera["files"] = [Path(expected["blob_folder"]) / blob[:2] / blob for blob in blobs]
    info = check_info(root, expected)
    order = check_tasks(root, expected, info)
    files = sorted((root / "meta/episodes").rglob("*.parquet"))
    for file in files:
        check_episode_schema(file, info)
    rows = pa.concat_tables([pq.read_table(file) for file in files]).to_pylist()
    assert [row["episode_index"] for row in rows] == list(range(len(rows)))
    for row in rows:
        place = f"chunk-{row['meta/episodes/chunk_index']:03d}/file-{row['meta/episodes/file_index']:03d}.parquet"
        assert (root / "meta/episodes" / place).exists()
    stats, pictures = check_frames(root, expected, info, rows, order)
    check_videos(root, expected, info, rows, pictures, stats)
    compared = check_stats(root, info, rows, stats)
    summary = {"episodes": len(rows), "frames": info["total_frames"], "tasks": len(order), "statistics": compared}
    print(json.dumps(summary))


main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()))
