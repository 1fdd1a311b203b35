"""What the two sides of the wire say to each other."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from physical_ai_zmq.frames import Array, Form, Frame, decode_frames, encode_frames, to_json

NOBODY = "unknown"
"""A request without an id is answered with this one."""

_REQUEST_ID = re.compile(rb'"request_id"\s*:\s*"([^"\\]{1,200})"')
_LONGEST_ERROR = 2_000


class MessageType(Enum):
    """What a server can be asked for; a server may register more."""

    INFERENCE = "inference"
    TRAIN = "train"
    COMMAND = "command"
    STATUS = "status"
    HEALTH = "health"


class WireError(ValueError):
    """What came is no message of this wire."""

    def __init__(self, message: str, request_id: str = NOBODY) -> None:
        super().__init__(message)
        self.request_id = request_id
        """The request that it belongs to, where that could still be read."""


@dataclass(frozen=True)
class Request:
    """What a client asks for."""

    type: str
    data: dict[str, Any]
    request_id: str
    form: Form
    """How it came, and how it is to be answered."""


def type_name(message_type: MessageType | str) -> str:
    """Return the name on the wire."""
    return message_type.value if isinstance(message_type, MessageType) else message_type


def encode_request(message_type: str, data: dict[str, Any], request_id: str, form: Form) -> list[bytes | Array]:
    """TypeError or ValueError for what the form cannot carry."""
    message = {"type": message_type, "data": data, "timestamp": time.time(), "request_id": request_id}
    return encode_frames(message, "data", form)


def decode_request(frames: Sequence[Frame]) -> Request:
    """WireError for what is no request."""
    message = _decode(frames, "data")
    message_type = message.get("type")
    data = message.get("data", {})
    request_id = message.get("request_id", NOBODY)
    if not isinstance(request_id, str) or len(request_id) > 200:
        raise WireError("request_id must be a string of at most 200 characters")
    if not isinstance(message_type, str) or not 0 < len(message_type) <= 100:
        raise WireError("type must be a string of 1 to 100 characters", request_id)
    if not isinstance(data, dict):
        raise WireError("data must be an object", request_id)
    return Request(message_type, data, request_id, "json" if len(frames) == 1 else "multipart")


def encode_result(request: Request, result: object) -> list[bytes | Array]:
    """Answer a request; TypeError or ValueError for what its form cannot carry.

    Who is well answers `health` with `ok`, where legacy clients look for it; their servers say
    `success`, and `ok` inside `result`, and so does ours.
    """
    message: dict[str, Any] = {"status": "success", "result": result}
    if request.type == MessageType.HEALTH.value and isinstance(result, dict) and result.get("status") == "ok":
        message = {"status": "ok", "ok": True, "result": result}
    return encode_frames({**message, **_signature(request.request_id)}, "result", request.form)


def encode_error(request_id: str, error: object) -> list[bytes | Array]:
    """Answer that it could not be done."""
    return [to_json({"status": "error", "error": str(error)[:_LONGEST_ERROR], **_signature(request_id)})]


def decode_answer(frames: Sequence[Frame]) -> dict[str, Any]:
    """Return the whole answer, arrays in their places; WireError for what is none."""
    message = _decode(frames, "result")
    request_id = message.get("request_id")
    if not isinstance(request_id, str):
        raise WireError("request_id must be a string")
    match message:
        case {"status": "error", "error": str()} | {"status": "success", "result": _} | {"status": "ok"}:
            return message
    raise WireError("expected an error with its text, or a success with its result", request_id)


def _decode(frames: Sequence[Frame], body: str) -> dict[str, Any]:
    try:
        return decode_frames(frames, body)
    except Exception as error:
        raise WireError(str(error) or type(error).__name__, _request_id_in(frames)) from error


def _request_id_in(frames: Sequence[Frame]) -> str:
    """Read from the text, since it may be no JSON: whoever asked is told at once and need not wait."""
    text = bytes(frames[0]) if frames else b""
    found = _REQUEST_ID.match(text, max(text.rfind(b'"request_id"'), 0))
    return found[1].decode("utf-8", "replace") if found else NOBODY


def _signature(request_id: str) -> dict[str, object]:
    return {"request_id": request_id, "timestamp": time.time()}
