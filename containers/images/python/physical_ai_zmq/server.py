"""Answers requests of clients in this and other languages. What is no request is answered with an error.

It is for clients that are trusted, on a port that strangers cannot reach: ZMQ holds all frames of a
message until its last one is there, and knows no limit for their sum. Only the memory of the process or
its container bounds it.

One thread speaks ZMQ and answers `health` and `status` at once, whatever a model is doing. The thread
that calls `run` works on everything else, one request after the other.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from physical_ai_zmq.frames import Frame
from physical_ai_zmq.messages import (
    MessageType,
    Request,
    WireError,
    decode_request,
    encode_error,
    encode_result,
    type_name,
)
from physical_ai_zmq.router import Address, Answer, Router

Handler = Callable[[dict[str, Any]], Any]
"""Takes a request's data, returns the answer's result: values of JSON, and arrays anywhere among them."""

_PROMPT = ("health", "status")
_LOG_EVERY_SECONDS = 1
"""A client that asks for nonsense a thousand times a second must not fill the disk."""


class ZMQServer:
    """Listens from its creation on; answers from `start` or `run` until `stop`.

    >>> server = ZMQServer("tcp://*:5555")
    >>> server.register_handler("inference", lambda data: {"action": act(data["observation"])})
    >>> server.run()
    """

    def __init__(
        self,
        endpoint: str = "tcp://*:5555",
        logger: logging.Logger | None = None,
        *,
        max_frame_bytes: int = 64 * 1024 * 1024,
        max_waiting: int = 32,
    ) -> None:
        """Bind; zmq.ZMQError when the endpoint is taken or none.

        A client that sends a larger frame than `max_frame_bytes` is cut off. When `max_waiting` requests
        wait for their handlers, more are answered with an error.
        """
        self._logger = logger or logging.getLogger(__name__)
        self._max_waiting = max_waiting
        self._handlers: dict[str, Handler] = {"health": _health, "status": self._status}
        self._counts = {"answered": 0, "failed": 0, "refused": 0}
        self._waiting: SimpleQueue[tuple[Address, Request] | None] = SimpleQueue()
        self._logged_at = 0.0
        self._stopping = False
        self._death: BaseException | None = None
        self._router = Router(endpoint, max_frame_bytes, self._receive, self._die)
        self.endpoint = self._router.endpoint
        """Where it listens, with the real port."""

    def register_handler(self, message_type: MessageType | str, handler: Handler) -> None:
        """Answer requests of this type; those of `health` and `status` must be quick."""
        self._handlers[type_name(message_type)] = handler

    def start(self) -> None:
        """Answer `health` and `status` from now on, while a model is being loaded."""
        self._router.start()

    def run(self) -> None:
        """Answer requests until `stop`, SIGTERM or SIGINT; the request in work is still answered."""
        try:
            # Whoever is answered may send a signal.
            with self._stopped_by_signals():
                self.start()
                while self._work():
                    pass
        finally:
            self.close()
        if self._death is not None:
            raise RuntimeError("the thread that speaks ZMQ died") from self._death

    def stop(self) -> None:
        """End `run`; from any thread, any handler and any signal."""
        self._stopping = True
        self._waiting.put(None)

    def close(self) -> None:
        """Stop listening. `run` does this by itself."""
        self._stopping = True
        self._router.close()

    def __enter__(self) -> "ZMQServer":
        """Return the server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the server."""
        self.close()

    def _work(self) -> bool:
        """Answer the next request; a function of its own, so that its memory is free before the next one comes."""
        work = self._waiting.get()
        if work is None:
            return False
        address, request = work
        self._router.send(address, self._answer(request))
        return True

    def _receive(self, address: Address, frames: Sequence[Frame]) -> Answer | None:
        """Answer at once, or hand over to the thread that runs."""
        try:
            request = decode_request(frames)
        except WireError as error:
            self._counts["refused"] += 1
            return encode_error(error.request_id, error)
        if request.type in _PROMPT:
            return self._answer(request)
        problem = self._why_not(request)
        if problem is None:
            self._waiting.put((address, request))
            return None
        self._counts["failed"] += 1
        return encode_error(request.request_id, problem)

    def _why_not(self, request: Request) -> str | None:
        if self._stopping:
            return "the server is stopping; ask again when it is back"
        if request.type not in self._handlers:
            return f"expected one of the types {', '.join(self._handlers)}; got {request.type}"
        if self._waiting.qsize() >= self._max_waiting:
            return f"{self._max_waiting} requests are waiting; ask again later"
        return None

    def _answer(self, request: Request) -> Answer:
        try:
            answer = encode_result(request, self._handlers[request.type](request.data))
        except Exception as error:
            self._counts["failed"] += 1
            self._log(request)
            return encode_error(request.request_id, f"{type(error).__name__}: {error}")
        self._counts["answered"] += 1
        return answer

    def _log(self, request: Request) -> None:
        now = time.monotonic()
        if now - self._logged_at >= _LOG_EVERY_SECONDS:
            self._logged_at = now
            self._logger.exception("%s failed", request.type)

    def _status(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"handlers": list(self._handlers), "waiting": self._waiting.qsize(), **self._counts}

    def _die(self, error: BaseException) -> None:
        self._death = error
        self.stop()

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _health(_: dict[str, Any]) -> dict[str, Any]:
    return {"status": "ok", "timestamp": time.time()}
