"""Writes the models of `npm run bench -- inference`: small files that compute much.

    pip install onnx && python test/src/bench/models/make_models.py

`mlp.onnx` is as large as a policy for a robot's sensors usually is; `slow.onnx` takes about 200 ms, whatever the rows.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

FOLDER = Path(__file__).parent
FEATURES, HIDDEN, LABELS, SLOW = 24, 1536, 4, 2900


def constant(name: str, shape: tuple[int, int], value: float):
    """A matrix of one value, which takes no room in the file."""
    fill = numpy_helper.from_array(np.array([value], np.float32))
    size = numpy_helper.from_array(np.array(shape, np.int64), f"{name}_shape")
    return [size], [helper.make_node("ConstantOfShape", [size.name], [name], value=fill)]


def write(name: str, nodes, initializers) -> None:
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["rows", FEATURES])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["rows", LABELS])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, FOLDER / f"{name}.onnx")


def mlp() -> None:
    nodes, initializers, last = [], [], "features"
    for layer, shape in enumerate([(FEATURES, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, LABELS)]):
        size, fill = constant(f"w{layer}", shape, 0.01)
        initializers += size
        nodes += fill + [helper.make_node("MatMul", [last, f"w{layer}"], [f"h{layer}"])]
        last = f"h{layer}"
        if layer < 2:
            nodes.append(helper.make_node("Tanh", [last], [f"t{layer}"]))
            last = f"t{layer}"
    nodes.append(helper.make_node("Softmax", [last], ["probabilities"], axis=1))
    write("mlp", nodes, initializers)


def slow() -> None:
    """A large product that the features take part in, so that it is not computed once and kept."""
    size, fill = constant("big", (SLOW, SLOW), 0.001)
    narrow_size, narrow = constant("narrow", (FEATURES, LABELS), 0.01)
    nodes = fill + narrow + [
        helper.make_node("ReduceMax", ["features"], ["largest"], keepdims=0),
        helper.make_node("Mul", ["big", "largest"], ["a"]),
        helper.make_node("MatMul", ["a", "big"], ["product"]),
        helper.make_node("ReduceMean", ["product"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["features", "narrow"], ["scores"]),
        helper.make_node("Add", ["scores", "mean"], ["shifted"]),
        helper.make_node("Softmax", ["shifted"], ["probabilities"], axis=1),
    ]
    write("slow", nodes, size + narrow_size)


mlp()
slow()
