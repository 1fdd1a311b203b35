"""Train the collision-risk policy: from the forces on a wrist, the kind of failure.

Measures extremely randomised trees by ten-fold cross-validation, stratified by class and
repeated ten times with other folds; the windows of one episode always share a fold. The model
that is exported is then fitted, with the same parameters, on all windows.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from command import TrainingError, run
from feature_table import FeatureTable, read_feature_table
from measure import accuracy, confusion, print_confusion, require
from onnx_export import export_classifier

CHANNELS = ("fx", "fy", "fz", "tx", "ty", "tz")
STATISTICS = ("mean", "std", "min", "max")
FEATURES = tuple(f"{channel}.{statistic}" for channel in CHANNELS for statistic in STATISTICS)
CLASSES = ("normal", "collision", "fr_collision", "obstruction")
NORMAL = CLASSES.index("normal")
FOLDS = 10
REPEATS = 10
LEAST_ACCURACY = 0.90
LEAST_FAILURE_ACCURACY = 0.95


def new_model() -> ExtraTreesClassifier:
    """The unfitted model, the same for every fold and for the export."""
    return ExtraTreesClassifier(n_estimators=100, random_state=0)


def cross_validate(table: FeatureTable) -> list[NDArray[np.int64]]:
    """For each repeat, the label of each window by a model that has not seen its episode."""
    for index, name in enumerate(CLASSES):
        episodes = len(set(table.groups[table.labels == index]))
        if episodes < FOLDS:
            raise TrainingError(
                f"at least {FOLDS} episodes of each class",
                f"{episodes} of {name}",
                "record more of them",
            )
    return [
        cross_val_predict(
            new_model(),
            table.values,
            table.labels,
            groups=table.groups,
            cv=StratifiedGroupKFold(FOLDS, shuffle=True, random_state=repeat),
        )
        for repeat in range(REPEATS)
    ]


def spread(shares: list[float]) -> dict[str, float]:
    """The mean over the repeats, the worst and the best."""
    return {"mean": float(np.mean(shares)), "least": min(shares), "most": max(shares)}


def train(features: Path, out: Path) -> dict[str, object]:
    """Measure, fit and export; return the figures."""
    table = read_feature_table(features, FEATURES, CLASSES)
    repeats = cross_validate(table)
    kind = spread([accuracy(table.labels, predicted) for predicted in repeats])
    failure = spread([accuracy(table.labels != NORMAL, predicted != NORMAL) for predicted in repeats])
    counts = sum(confusion(table.labels, predicted, CLASSES) for predicted in repeats)

    print(f"{len(table.labels)} windows, {FOLDS} folds, {REPEATS} repeats")
    print("four classes:    accuracy {mean:.4f}, from {least:.4f} to {most:.4f}".format(**kind))
    print("failure or not:  accuracy {mean:.4f}, from {least:.4f} to {most:.4f}\n".format(**failure))
    print_confusion(counts, CLASSES)
    print(f"(each window counted {REPEATS} times)")
    require("a mean accuracy over four classes", LEAST_ACCURACY, kind["mean"])
    require("a mean accuracy of failure or not", LEAST_FAILURE_ACCURACY, failure["mean"])

    model = out / "collision-risk.onnx"
    export_classifier(new_model().fit(table.values, table.labels), model, FEATURES, CLASSES, table.values)
    return {
        "policy": model.stem,
        "windows": len(table.labels),
        "folds": FOLDS,
        "repeats": REPEATS,
        "accuracy": kind,
        "failure_accuracy": failure,
        "classes": CLASSES,
        "confusion": counts.tolist(),
    }


if __name__ == "__main__":
    run(__doc__, train)
