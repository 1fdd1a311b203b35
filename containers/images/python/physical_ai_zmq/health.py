"""`python -m physical_ai_zmq.health --port …`: a container's health check.

Exit code 0 when the server at the port says that it is well, and when there is none: such a container waits
for its process to be started. 1 when a server does not answer, or is still loading its model.
"""

import socket
import sys
from argparse import ArgumentParser

from physical_ai_zmq.client import ZMQClient


def main() -> None:
    """Look at one port of this machine."""
    parser = ArgumentParser("python -m physical_ai_zmq.health")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return
    with ZMQClient(f"tcp://127.0.0.1:{port}") as client:
        sys.exit(0 if client.health_check() else 1)


if __name__ == "__main__":
    main()
