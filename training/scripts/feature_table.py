"""Reads the feature table that the preprocessing of a policy writes."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from command import TrainingError


@dataclass(frozen=True)
class FeatureTable:
    """Rows in time order. A label is an index into the classes of the policy."""

    groups: NDArray[np.str_]
    values: NDArray[np.float32]
    labels: NDArray[np.int64]


def read_feature_table(path: Path, features: Sequence[str], classes: Sequence[str]) -> FeatureTable:
    """Read a CSV with the columns `group, <features>, label`, and refuse anything else."""
    header, rows = _read_csv(path)
    columns = ["group", *features, "label"]
    if header != columns:
        raise TrainingError(
            f"the columns {', '.join(columns)}",
            f"{', '.join(header) or 'no header'} in {path}",
            "write the table with the preprocessing of this policy",
        )
    if not rows:
        raise TrainingError(
            "one row per example below the header",
            f"no rows in {path}",
            "check the recording from which the table was written",
        )

    values = np.empty((len(rows), len(features)), np.float32)
    labels = np.empty(len(rows), np.int64)
    for index, (line, row) in enumerate(rows):
        if len(row) != len(columns):
            raise TrainingError(
                f"{len(columns)} cells in each row", f"{len(row)} in {path}, line {line}", "write the table again"
            )
        values[index] = [_number(cell, name, path, line) for cell, name in zip(row[1:-1], features)]
        labels[index] = _label(row[-1], classes, path, line)

    require_every_class(labels, classes, str(path))
    return FeatureTable(np.array([row[0] for _, row in rows]), values, labels)


def require_every_class(labels: NDArray[np.int64], classes: Sequence[str], place: str) -> None:
    """Refuse labels from which some class could not be learnt."""
    missing = [name for index, name in enumerate(classes) if index not in labels]
    if missing:
        raise TrainingError(
            f"examples of each class: {', '.join(classes)}",
            f"none of {', '.join(missing)} in {place}",
            "add recordings of the missing classes",
        )


def _read_csv(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, and the rows with their line numbers; blank lines are left out."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            return header, [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(
            "a readable CSV file", str(error), "give --features the file that the preprocessing wrote"
        ) from error


def _number(cell: str, name: str, path: Path, line: int) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise TrainingError(
            f"a finite number for {name}",
            f"{cell!r} in {path}, line {line}",
            "repair or leave out that part of the recording",
        )
    return value


def _label(cell: str, classes: Sequence[str], path: Path, line: int) -> int:
    if cell not in classes:
        raise TrainingError(
            f"a label out of {', '.join(classes)}",
            f"{cell!r} in {path}, line {line}",
            "correct the label, or add the class to this script and to the policy",
        )
    return classes.index(cell)
