"""A server of the containers' package whose ZMQ thread can be kept busy; prints where it listens."""

import time

from physical_ai_zmq import ZMQServer


def wait(data: dict[str, float]) -> str:
    """Return at a time, in milliseconds since 1970."""
    time.sleep(max(0, data.get("until", 0) / 1_000 - time.time()))
    return "well"


with ZMQServer("tcp://127.0.0.1:*") as server:
    server.register_handler("status", wait)
    print(server.endpoint, flush=True)
    server.run()
