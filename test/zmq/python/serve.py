"""A server of the containers' package; prints where it listens.

`echo` gives back the data, `fail` fails, `sleep` takes so many seconds.
"""

import logging
import sys
import time

from physical_ai_zmq import ZMQServer

logging.disable()
with ZMQServer(sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:*") as server:
    for name, handler in (
        ("inference", lambda data: data["observation"]),
        ("echo", lambda data: data),
        ("fail", lambda data: data["nothing"]),
        ("sleep", lambda data: time.sleep(data["seconds"])),
    ):
        server.register_handler(name, handler)
    print(server.endpoint, flush=True)
    server.run()
