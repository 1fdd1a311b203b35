"""Train the wall-following policy: from the free distances, the next move.

Fits a decision tree on the first three quarters of the recording and measures it on the last
quarter in time, which it has not seen. The tree that was measured is the one that is exported.
"""

from pathlib import Path

from sklearn.tree import DecisionTreeClassifier, export_text

from command import run
from feature_table import read_feature_table, require_every_class
from measure import accuracy, confusion, print_confusion, require
from onnx_export import export_classifier

FEATURES = ("front", "left")
CLASSES = ("Move-Forward", "Sharp-Right-Turn", "Slight-Right-Turn", "Slight-Left-Turn")
TRAINED_SHARE = 0.75
LEAST_ACCURACY = 0.98


def train(features: Path, out: Path) -> dict[str, object]:
    """Train, measure and export; return the figures."""
    table = read_feature_table(features, FEATURES, CLASSES)
    split = int(len(table.labels) * TRAINED_SHARE)
    require_every_class(table.labels[:split], CLASSES, f"the first {split} rows")
    held_out, expected = table.values[split:], table.labels[split:]

    tree = DecisionTreeClassifier(random_state=0).fit(table.values[:split], table.labels[:split])
    predicted = tree.predict(held_out)
    share = accuracy(expected, predicted)
    counts = confusion(expected, predicted, CLASSES)

    print(export_text(tree, feature_names=FEATURES, class_names=CLASSES, decimals=4))
    print(f"trained on the first {split} rows, measured on the last {len(expected)}")
    print(f"accuracy {share:.4f}\n")
    print_confusion(counts, CLASSES)
    require("an accuracy", LEAST_ACCURACY, share)

    model = out / "wall-following.onnx"
    export_classifier(tree, model, FEATURES, CLASSES, table.values)
    return {
        "policy": model.stem,
        "trained_rows": split,
        "measured_rows": len(expected),
        "accuracy": share,
        "classes": CLASSES,
        "confusion": counts.tolist(),
    }


if __name__ == "__main__":
    run(__doc__, train)
