"""The Python runner of the fixtures that both languages share."""

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

Frames = list[Any]
"""The first one as its values, the others as bytes."""


class ValidFixtures(unittest.TestCase):
    def test_read_and_written_with_frames_for_tensors(self) -> None:
        for fixture in self.each():
            self.assertEqual(rewrite(fixture, multipart(fixture), "multipart"), multipart(fixture))

    def test_read_with_frames_and_written_as_json(self) -> None:
        for fixture in self.each():
            self.assertEqual(rewrite(fixture, multipart(fixture), "json"), [json_form(fixture)])

    def test_read_and_written_as_json(self) -> None:
        for fixture in self.each():
            self.assertEqual(rewrite(fixture, [json_form(fixture)], "json"), [json_form(fixture)])

    def test_accepted(self) -> None:
        for fixture in self.each():
            DECODERS[fixture["kind"]](written(multipart(fixture)))

    def each(self) -> Iterator[dict[str, Any]]:
        for name, fixture in read("valid"):
            with self.subTest(name, says=fixture["says"]):
                yield fixture


class InvalidFixtures(unittest.TestCase):
    def test_refused(self) -> None:
        for name, fixture in read("invalid"):
            with self.subTest(name, says=fixture["says"]):
                frames = [frame_of(frame) for frame in fixture["frames"]]
                with self.assertRaises(WireError) as refusal:
                    DECODERS[fixture["kind"]](frames)
                self.assertEqual(refusal.exception.request_id, fixture["request_id"])


def read(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Read all fixtures of a kind; there must be some."""
    files = sorted((FOLDER / kind).glob("*.json"))
    assert files, f"expected fixtures in {FOLDER / kind}; there are none"
    return [(file.stem, json.loads(file.read_text("utf-8"))) for file in files]


def multipart(fixture: dict[str, Any]) -> Frames:
    """Return the form with frames for tensors."""
    if not fixture["tensors"]:
        return [fixture["message"]]
    tensors = [{key: tensor[key] for key in ("name", "dtype", "shape")} for tensor in fixture["tensors"]]
    files = [FOLDER / "valid" / tensor["file"] for tensor in fixture["tensors"]]
    return [{**fixture["message"], "tensors": tensors}, *(file.read_bytes() for file in files)]


def json_form(fixture: dict[str, Any]) -> dict[str, Any]:
    """Return the form with nested lists."""
    message: dict[str, Any] = deepcopy(fixture["message"])
    for tensor in fixture["tensors"]:
        put_at(message, [BODIES[fixture["kind"]], *keys_of(tensor["name"])], tensor["lists"])
    return message


def rewrite(fixture: dict[str, Any], frames: Frames, form: Form) -> Frames:
    """Read frames, and write what was read."""
    body = BODIES[fixture["kind"]]
    message = decode_frames(written(frames), body)
    if body not in message:
        return [message]
    header, *tensors = encode_frames(message, body, form)
    return [json.loads(bytes(header)), *(bytes(tensor) for tensor in tensors)]


def written(frames: Frames) -> list[bytes]:
    """Return what crosses the wire."""
    return [json.dumps(frames[0]).encode(), *frames[1:]]


def frame_of(frame: dict[str, Any]) -> bytes:
    """Return the bytes of an invalid fixture's frame."""
    if "base64" in frame:
        return base64.b64decode(frame["base64"])
    return str(frame["text"]).encode() if "text" in frame else json.dumps(frame["json"]).encode()


if __name__ == "__main__":
    unittest.main()
