"""Trains a tree of two questions on one feature table and measures it on another: small, and not always right.

Usage: train_small_tree.py <directory of the training scripts> <train.csv> <measure.csv> <model.onnx>
Prints the figures as one line of JSON, last.
"""

import json
import sys
from pathlib import Path

scripts, *files = map(Path, sys.argv[1:])
sys.path.insert(0, str(scripts))

from sklearn.tree import DecisionTreeClassifier  # noqa: E402

from feature_table import read_feature_table  # noqa: E402
from measure import accuracy, confusion  # noqa: E402
from onnx_export import export_classifier  # noqa: E402
from train_wall_following import CLASSES, FEATURES  # noqa: E402

train, measured, model = files
trained_on = read_feature_table(train, FEATURES, CLASSES)
held_out = read_feature_table(measured, FEATURES, CLASSES)
tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(trained_on.values, trained_on.labels)
predicted = tree.predict(held_out.values)
export_classifier(tree, model, FEATURES, CLASSES, held_out.values)
print(
    json.dumps(
        {
            "accuracy": round(accuracy(held_out.labels, predicted), 4),
            "rows": len(held_out.labels),
            "classes": CLASSES,
            "confusion": confusion(held_out.labels, predicted, CLASSES).tolist(),
        }
    )
)
