"""Turns a fitted classifier into the ONNX file that a brain worker runs.

The contract of every policy model: one input `features`, float32 [N, F], and one output
`probabilities`, float32 [N, C], both in the order that the policy states. The file carries
the two orders as metadata, `features` and `classes`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import ClassifierMixin

from command import TrainingError

OPSETS = {"": 17, "ai.onnx.ml": 1}
IR_VERSION = 8
TOLERANCE = 1e-5


def export_classifier(
    classifier: ClassifierMixin,
    path: Path,
    features: Sequence[str],
    classes: Sequence[str],
    examples: NDArray[np.float32],
) -> None:
    """Write the model, once it is shown to answer as the classifier does on every example.

    The classifier must be fitted on labels 0..C-1, the indexes of the classes.
    """
    graph = to_onnx(
        classifier,
        name=path.stem,
        initial_types=[("features", FloatTensorType([None, len(features)]))],
        options={"zipmap": False},
        target_opset=OPSETS,
    ).graph
    label, probabilities = graph.output
    graph.output.remove(label)
    for tensor in (graph.input[0], probabilities):
        tensor.type.tensor_type.shape.dim[0].dim_param = "N"

    model = helper.make_model(
        graph,
        producer_name="brain-worker",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in OPSETS.items()],
    )
    helper.set_model_props(model, {"features": ",".join(features), "classes": ",".join(classes)})
    onnx.checker.check_model(model)
    content = model.SerializeToString(deterministic=True)

    difference = _verify(classifier, content, examples)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise TrainingError("a directory for the model", str(error), "give --out one that can be written") from error
    print(
        f"\n{path.name}: {len(content)} bytes, the labels of scikit-learn on all {len(examples)} examples, "
        f"probabilities within {difference:.1e}"
    )


def _verify(classifier: ClassifierMixin, content: bytes, examples: NDArray[np.float32]) -> float:
    """Return the largest difference of a probability, or refuse the model."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (served,) = session.run(["probabilities"], {"features": examples})
    difference = float(np.abs(served - classifier.predict_proba(examples)).max())
    disagreements = int((served.argmax(axis=1) != classifier.predict(examples)).sum())
    if disagreements or difference > TOLERANCE:
        raise TrainingError(
            f"the labels of scikit-learn, and its probabilities within {TOLERANCE}",
            f"{disagreements} other labels, a difference of {difference:.1e}",
            "install the versions of requirements.txt",
        )
    return difference
