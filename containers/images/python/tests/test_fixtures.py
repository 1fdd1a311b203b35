"""The Python runner of the cases that both languages share."""

import base64
import json
import unittest
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from physical_ai_zmq.frames import Form, decode_frames, encode_frames
from physical_ai_zmq.messages import WireError, decode_answer, decode_request
from physical_ai_zmq.pointer import keys_of, put_at

FOLDER = Path(__file__).parents[4] / "policy-wires" / "fixtures" / "zmq"
BODIES = {"request": "data", "answer": "result"}
DECODERS = {"request": decode_request, "answer": decode_answer}

Case = dict[str, Any]

Frames = list[Any]
"""The first one as its values, the others as bytes."""


class ValidCases(unittest.TestCase):
    def test_read_and_written_with_frames_for_tensors(self) -> None:
        for kind, case in self.each():
            self.assertEqual(rewrite(kind, multipart(case), "multipart"), multipart(case))

    def test_read_with_frames_and_written_as_json(self) -> None:
        for kind, case in self.each():
            self.assertEqual(rewrite(kind, multipart(case), "json"), [json_form(kind, case)])

    def test_read_and_written_as_json(self) -> None:
        for kind, case in self.each():
            self.assertEqual(rewrite(kind, [json_form(kind, case)], "json"), [json_form(kind, case)])

    def test_accepted(self) -> None:
        for kind, case in self.each():
            DECODERS[kind](written(multipart(case)))

    def each(self) -> Iterator[tuple[str, Case]]:
        for kind, case in read(valid=True):
            with self.subTest(kind, case=case["description"]):
                yield kind, case


class InvalidCases(unittest.TestCase):
    def test_refused(self) -> None:
        for kind, case in read(valid=False):
            with self.subTest(kind, case=case["description"]):
                frames = [frame_of(frame) for frame in case["frames"]]
                with self.assertRaises(WireError) as refusal:
                    DECODERS[kind](frames)
                self.assertEqual(refusal.exception.request_id, case["request_id"])


def read(valid: bool) -> list[tuple[str, Case]]:
    """Read the cases to accept or those to refuse, with their kinds; there must be some."""
    files = {kind: json.loads((FOLDER / f"{kind}.json").read_text("utf-8")) for kind in BODIES}
    cases = [(kind, case) for kind, every in files.items() for case in every if case["valid"] is valid]
    assert cases, f"expected cases that are {'' if valid else 'not '}valid in {FOLDER}; there are none"
    return cases


def multipart(case: Case) -> Frames:
    """Return the form with frames for tensors."""
    if not case["tensors"]:
        return [case["message"]]
    tensors = [{key: tensor[key] for key in ("name", "dtype", "shape")} for tensor in case["tensors"]]
    frames = [base64.b64decode(tensor["base64"]) for tensor in case["tensors"]]
    return [{**case["message"], "tensors": tensors}, *frames]


def json_form(kind: str, case: Case) -> dict[str, Any]:
    """Return the form with nested lists."""
    message: dict[str, Any] = deepcopy(case["message"])
    for tensor in case["tensors"]:
        put_at(message, [BODIES[kind], *keys_of(tensor["name"])], tensor["lists"])
    return message


def rewrite(kind: str, frames: Frames, form: Form) -> Frames:
    """Read frames, and write what was read."""
    body = BODIES[kind]
    message = decode_frames(written(frames), body)
    if body not in message:
        return [message]
    header, *tensors = encode_frames(message, body, form)
    return [json.loads(bytes(header)), *(bytes(tensor) for tensor in tensors)]


def written(frames: Frames) -> list[bytes]:
    """Return what crosses the wire."""
    return [json.dumps(frames[0]).encode(), *frames[1:]]


def frame_of(frame: dict[str, Any]) -> bytes:
    """Return the bytes of a frame that is to be refused."""
    if "base64" in frame:
        return base64.b64decode(frame["base64"])
    return str(frame["text"]).encode() if "text" in frame else json.dumps(frame["json"]).encode()


if __name__ == "__main__":
    unittest.main()
