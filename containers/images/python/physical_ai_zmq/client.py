"""Asks a server: one request after the other, as scripts do."""

import logging
import time
import uuid
from typing import Any

import zmq

from physical_ai_zmq.frames import Form
from physical_ai_zmq.messages import NOBODY, MessageType, WireError, decode_answer, encode_request, type_name

_HEALTH_TIMEOUT_MS = 1_000


class ZMQClient:
    """A client of one server; it connects by itself, again after the server was away. For one thread.

    >>> with ZMQClient("tcp://localhost:5555") as client:
    ...     answer = client.inference({"robot_state": np.zeros(14, np.float32)})
    """

    def __init__(
        self,
        endpoint: str,
        timeout: int = 5_000,
        logger: logging.Logger | None = None,
        *,
        form: Form = "multipart",
        max_frame_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        """Connect in the background; zmq.ZMQError when the endpoint is none.

        `timeout` is in milliseconds. `form` is how arrays are sent: "json" to servers that know nothing else.
        """
        self.endpoint = endpoint
        self.timeout = timeout
        self._form: Form = form
        self._logger = logger or logging.getLogger(__name__)
        self._max_frame_bytes = max_frame_bytes
        self._context = zmq.Context()
        try:
            self._socket = self._connect()
        except zmq.ZMQError:
            self.close()
            raise

    def send_request(
        self, message_type: MessageType | str, data: dict[str, Any], timeout: int | None = None
    ) -> dict[str, Any] | None:
        """Return the whole answer, or None when none comes in time; the log says why.

        TypeError or ValueError for data that cannot be sent.
        """
        request_id = str(uuid.uuid4())
        frames = encode_request(type_name(message_type), data, request_id, self._form)
        milliseconds = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + milliseconds / 1_000
        self._socket.send_multipart([b"", *frames], copy=False)
        while self._socket.poll(max(0, round((deadline - time.monotonic()) * 1_000))):
            try:
                answer = self._receive(request_id)
            except WireError as error:
                return self._give_up(f"no answer of this wire: {error}")
            if answer is not None:
                return answer
        return self._give_up(f"no answer within {milliseconds} ms")

    def inference(self, observation: dict[str, Any], **extra: Any) -> dict[str, Any] | None:
        """Ask what to do; `extra` goes beside the observation."""
        return self.send_request(MessageType.INFERENCE, {"observation": observation, **extra})

    def train(self, config: dict[str, Any]) -> dict[str, Any] | None:
        """Ask for a training."""
        return self.send_request(MessageType.TRAIN, config)

    def command(self, command: str, params: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """Ask for anything else."""
        return self.send_request(MessageType.COMMAND, {"command": command, "params": params or {}})

    def status(self) -> dict[str, Any] | None:
        """Ask what the server has been doing."""
        return self.send_request(MessageType.STATUS, {})

    def health_check(self) -> bool:
        """Whether the server says within a second that it is well, in its own or in older servers' words."""
        answer = self.send_request(MessageType.HEALTH, {}, timeout=_HEALTH_TIMEOUT_MS)
        if answer is None:
            return False
        result = answer.get("result")
        return answer["status"] == "ok" or (isinstance(result, dict) and result.get("status") == "ok")

    def close(self) -> None:
        """Let the connection go."""
        self._context.destroy(linger=0)

    def __enter__(self) -> "ZMQClient":
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the client."""
        self.close()

    def _connect(self) -> zmq.Socket[bytes]:
        # Not REQ, which could not ask again after an answer that never came.
        new = self._context.socket(zmq.DEALER)
        new.setsockopt(zmq.LINGER, 0)
        new.setsockopt(zmq.MAXMSGSIZE, self._max_frame_bytes)
        new.connect(self.endpoint)
        return new

    def _give_up(self, problem: str) -> None:
        """Begin anew: without the request, and at a server that was cut off for breaking ZMQ's own protocol."""
        self._logger.error("%s: %s", self.endpoint, problem)
        self._socket.close()
        self._socket = self._connect()

    def _receive(self, request_id: str) -> dict[str, Any] | None:
        """Return None for what belongs to an earlier request."""
        _, *frames = self._socket.recv_multipart(copy=False)
        try:
            answer = decode_answer([frame.buffer for frame in frames])
        except WireError as error:
            if error.request_id in (request_id, NOBODY):
                raise
            return None
        return answer if answer["request_id"] == request_id else None
