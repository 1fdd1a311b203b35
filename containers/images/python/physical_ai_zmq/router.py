"""The thread that speaks ZMQ: takes requests from everyone, and sends the answers when they are ready."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

import zmq

from physical_ai_zmq.frames import Array, Frame

Answer = Sequence[bytes | Array]
Address = tuple[bytes, ...]
"""Who asked: goes before the answer as it came before the request."""

_RECEIVE_QUEUE = 8
_SEND_QUEUE = 64
"""Messages of one client that may wait inside ZMQ: requests, which can be large, and answers."""
_NOTICE_VANISHED = {
    zmq.TCP_KEEPALIVE: 1,
    zmq.TCP_KEEPALIVE_IDLE: 5,
    zmq.TCP_KEEPALIVE_INTVL: 5,
    zmq.TCP_KEEPALIVE_CNT: 3,
    zmq.TCP_MAXRT: 20_000,
}
"""Clients whose machines vanished are forgotten, within some twenty seconds.

Not by ZMQ's heartbeats: libzmq 4.3.5 aborts the process when one is due after a client went away while
the receive queue was full. A client's own heartbeats can do the same to us: no end of this wire may send
any. IDLE and INTVL are in seconds, MAXRT is in milliseconds.
"""
_LINGER_MS = 500
"""For the last answers to leave."""


class Router:
    """A ROUTER socket with its thread. Whoever creates it closes it."""

    def __init__(
        self,
        endpoint: str,
        max_frame_bytes: int,
        on_request: Callable[[Address, Sequence[Frame]], Answer | None],
        on_death: Callable[[BaseException], None],
    ) -> None:
        """Bind; zmq.ZMQError when the endpoint is taken or none.

        `on_request` runs on the thread; it returns the answer, or None when `send` will. It must not
        raise: that would be the end of the thread, and `on_death` is told.
        """
        self._on_request = on_request
        self._on_death = on_death
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        options = {
            zmq.MAXMSGSIZE: max_frame_bytes,
            zmq.RCVHWM: _RECEIVE_QUEUE,
            zmq.SNDHWM: _SEND_QUEUE,
            zmq.LINGER: _LINGER_MS,
            **_NOTICE_VANISHED,
        }
        for option, value in options.items():
            self._socket.setsockopt(option, value)
        try:
            self._socket.bind(endpoint)
        except zmq.ZMQError:
            self._context.destroy(linger=0)
            raise
        self.endpoint: str = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        # Answers wait in the deque; the bell wakes the thread, which sleeps in ZMQ.
        self._answers: deque[tuple[Address, Answer] | None] = deque()
        self._hears = self._context.socket(zmq.PAIR)
        self._hears.bind("inproc://bell")
        self._bell = self._context.socket(zmq.PAIR)
        self._bell.connect("inproc://bell")
        self._thread = threading.Thread(target=self._live, name="zmq-router", daemon=True)

    def start(self) -> None:
        """Begin to take requests; those that came before are taken now."""
        if self._thread.ident is None:
            self._thread.start()

    def send(self, address: Address, answer: Answer) -> None:
        """Answer a request; to be called from one thread only."""
        self._answers.append((address, answer))
        self._ring()

    def close(self) -> None:
        """Send what is answered, and end the thread; from the thread that sends."""
        if self._bell.closed:
            return
        self.start()
        self._answers.append(None)
        self._ring()
        self._thread.join()
        self._bell.close(linger=0)
        self._context.term()

    def _ring(self) -> None:
        # Nobody hears it any more, or it is ringing already.
        with suppress(zmq.Again):
            self._bell.send(b"", zmq.NOBLOCK)

    def _live(self) -> None:
        try:
            self._serve()
        except BaseException as error:
            self._on_death(error)
        finally:
            self._socket.close()
            self._hears.close(linger=0)

    def _serve(self) -> None:
        poller = zmq.Poller()
        poller.register(self._hears, zmq.POLLIN)
        poller.register(self._socket, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is self._socket:
                    self._take(self._socket.recv_multipart(copy=False))
                    continue
                self._hears.recv()
                while self._answers:
                    ready = self._answers.popleft()
                    if ready is None:
                        return
                    self._send(*ready)

    def _take(self, frames: list[zmq.Frame]) -> None:
        """Whatever comes after the address is answered. The address ends with an empty frame."""
        end = next((index + 1 for index, frame in enumerate(frames) if len(frame) == 0), None)
        address = tuple(frame.bytes for frame in frames[: end or 1])
        answer = self._on_request(address, [] if end is None else [frame.buffer for frame in frames[end:]])
        if answer is not None:
            self._send(address, answer)

    def _send(self, address: Address, answer: Answer) -> None:
        # A copy: a model may write its next action over this one.
        self._socket.send_multipart([*address, *answer], zmq.NOBLOCK, copy=True)
