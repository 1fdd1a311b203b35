"""A message as the frames that cross the wire.

One frame of JSON; or a header of JSON, in which `tensors` names what was taken out of `data` or
`result`, and a frame of raw bytes for each of them, in that order.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from physical_ai_zmq.pointer import keys_of, pointer_to, put_at

Form = Literal["json", "multipart"]
"""`json`: tensors as nested lists, for those who know nothing else. `multipart`: as frames of their own."""

Frame = bytes | memoryview
Array = NDArray[Any]

MAX_JSON_BYTES = 16 * 1024 * 1024
"""Parsing takes many times the memory of its text; images belong into tensors."""

MAX_TENSORS = 256
_MAX_DIMENSIONS = 32

_DTYPES = {
    "bool": np.dtype("bool"),
    **{f"{sign}int{8 * size}": np.dtype(f"<{sign or 'i'}{size}") for sign in ("", "u") for size in (1, 2, 4, 8)},
    **{f"float{8 * size}": np.dtype(f"<f{size}") for size in (2, 4, 8)},
}
"""By NumPy's names; little-endian on every machine."""


def _refuse_constant(name: str) -> None:
    raise ValueError(f"JSON has no {name}")


# Made once: json.loads and json.dumps would make new ones for every message.
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def encode_frames(message: Mapping[str, Any], body: str, form: Form) -> list[bytes | Array]:
    """Take the arrays out of `message[body]`; TypeError or ValueError for what the form cannot carry."""
    tensors: list[dict[str, object]] = []
    frames: list[Array] = []

    def replace(array: Array, name: str) -> object:
        array = _plain(array, name)
        if form == "json":
            return array.tolist()
        tensors.append({"name": name, "dtype": array.dtype.name, "shape": array.shape})
        frames.append(array.reshape(-1).view(np.uint8))
        return None

    header = {**message, body: _map_arrays(message[body], "", replace)}
    if tensors:
        header["tensors"] = tensors
    return [to_json(header), *frames]


def decode_frames(frames: Sequence[Frame], body: str) -> dict[str, Any]:
    """Return the message with its arrays, which are views of the frames, in their places; ValueError, TypeError."""
    if not frames:
        raise ValueError("expected a frame of JSON; none came")
    message = _from_json(frames[0])
    tensors = message.pop("tensors", [])
    if not isinstance(tensors, list) or len(tensors) > MAX_TENSORS:
        raise TypeError(f"tensors must be a list of at most {MAX_TENSORS}")
    if len(tensors) != len(frames) - 1:
        raise ValueError(f"the header names {len(tensors)} tensors; {len(frames) - 1} frames came")
    for description, frame in zip(tensors, frames[1:], strict=True):
        name, array = _array_over(description, frame)
        put_at(message, [body, *keys_of(name)], array)
    return message


def to_json(message: Mapping[str, Any]) -> bytes:
    """ValueError for NaN and infinities, which JSON does not have."""
    return _ENCODER.encode(message).encode()


def _from_json(frame: Frame) -> dict[str, Any]:
    if len(frame) > MAX_JSON_BYTES:
        raise ValueError(f"expected at most {MAX_JSON_BYTES} bytes of JSON; got {len(frame)}")
    message = _DECODER.decode(str(frame, "utf-8"))
    if not isinstance(message, dict):
        raise TypeError(f"expected a JSON object; got {type(message).__name__}")
    return message


def _array_over(description: object, frame: Frame) -> tuple[str, Array]:
    """Look at bytes as at an array, without a copy where NumPy can use them as they lie."""
    match description:
        case {"name": str(name), "dtype": str(dtype), "shape": list(shape)} if _is_shape(shape):
            pass
        case _:
            raise TypeError("a tensor must have a name, a dtype and a shape")
    if dtype not in _DTYPES:
        raise TypeError(f"dtype must be one of {', '.join(_DTYPES)}; got {dtype[:60]}")
    expected = math.prod(shape) * _DTYPES[dtype].itemsize
    if expected != len(frame):
        raise ValueError(f"{name[:60]}: {dtype} {shape} has {expected} bytes; got {len(frame)}")
    if dtype == "bool":
        # A byte that is neither 0 nor 1 would be a bool of its own kind.
        return name, (np.frombuffer(frame, np.uint8) != 0).reshape(shape)
    array = np.frombuffer(frame, _DTYPES[dtype]).reshape(shape)
    return name, array if array.flags.aligned else array.copy()


def _is_shape(shape: list[Any]) -> bool:
    return len(shape) <= _MAX_DIMENSIONS and all(type(size) is int and 0 <= size < 2**53 for size in shape)


def _plain(array: Array, name: str) -> Array:
    if array.dtype.name not in _DTYPES:
        raise TypeError(f"{name}: dtype must be one of {', '.join(_DTYPES)}; got {array.dtype}")
    return np.asarray(array, _DTYPES[array.dtype.name], order="C")


def _map_arrays(value: Any, at: str, replace: Callable[[Array, str], object]) -> Any:
    """Copy what lies around arrays, and put something else in their place."""
    if isinstance(value, np.ndarray):
        return replace(value, at)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(key): _map_arrays(item, pointer_to(at, key), replace) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [
            item if isinstance(item, int | float | str) else _map_arrays(item, pointer_to(at, index), replace)
            for index, item in enumerate(value)
        ]
    return value
