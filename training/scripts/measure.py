"""How good a model is, counted and printed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from command import TrainingError


def accuracy(expected: NDArray[np.generic], predicted: NDArray[np.generic]) -> float:
    """The share of equal entries."""
    return float(np.mean(expected == predicted))


def confusion(expected: NDArray[np.int64], predicted: NDArray[np.int64], classes: Sequence[str]) -> NDArray[np.int64]:
    """How often each class (row) was taken for each class (column)."""
    return confusion_matrix(expected, predicted, labels=range(len(classes)))


def print_confusion(counts: NDArray[np.int64], classes: Sequence[str]) -> None:
    """Print the table with the true class at the left and the predicted class above."""
    width = max(map(len, classes))
    print("true \\ predicted".ljust(width), *(name.rjust(width) for name in classes), sep="  ")
    for name, row in zip(classes, counts):
        print(name.ljust(width), *(str(count).rjust(width) for count in row), sep="  ")


def require(what: str, least: float, measured: float) -> None:
    """Refuse a model that is worse than its policy may be."""
    if measured < least:
        raise TrainingError(
            f"{what} of at least {least}",
            f"{measured:.4f}",
            "check the features and the labels; the model that was there is left as it was",
        )
