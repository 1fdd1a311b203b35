"""Asks a server that echoes, in both forms, with the client of the containers' package; fails where something differs."""

import logging
import sys

import numpy as np

from physical_ai_zmq import ZMQClient

DTYPES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)

logging.disable()
arrays = {
    "picture": np.arange(480 * 640 * 3, dtype=np.uint8).reshape(480, 640, 3),
    "scalar": np.array(0.5, np.float32),
    "nothing": np.zeros((0, 3)),
    **{dtype: np.array([[0, 1], [1, 0]], dtype) for dtype in DTYPES},
}
with ZMQClient(sys.argv[1], form="multipart") as client:
    assert client.health_check()
    result = client.inference(arrays, extra="beside")["result"]
    assert result.pop("extra") == "beside"
    for name, array in arrays.items():
        np.testing.assert_array_equal(result["observation"][name], array, strict=True)
    assert client.train({"fail": True})["status"] == "error"
    assert client.command("go")["result"] == {"command": "go", "params": {}}
with ZMQClient(sys.argv[1], form="json") as client:
    assert client.health_check()
    observation = client.inference(arrays)["result"]["observation"]
    assert observation == {name: array.tolist() for name, array in arrays.items()}
