"""A client as the teams run it today: a REQ socket, one JSON frame each way. Prints what it is answered as JSON.

Whether a server is well it reads from the answer's own `status`, which must say `ok`.
"""

import json
import sys
import time
import uuid

import zmq

socket = zmq.Context().socket(zmq.REQ)
socket.linger = 0
socket.rcvtimeo = socket.sndtimeo = 5_000
socket.connect(sys.argv[1])


def ask(kind: str, data: dict) -> dict:
    request_id = str(uuid.uuid4())
    socket.send_json({"type": kind, "data": data, "timestamp": time.time(), "request_id": request_id})
    answer = socket.recv_json()
    assert answer["request_id"] == request_id
    return answer


def is_well() -> bool:
    return ask("health", {}).get("status") == "ok"


print(
    json.dumps(
        {
            "is_well": is_well(),
            "inference": ask("inference", {"observation": {"image": [[1, 2], [3, 4]], "robot_state": [0.5, 1]}}),
            "failure": ask("train", {}),
        }
    )
)
