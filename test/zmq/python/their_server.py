"""A server as the teams run it today: a strict REP socket, one JSON frame each way, no knowledge of tensors.

It behaves as theirs, faults included: a message that is no JSON object, or a result that is no JSON, leaves it
where it can neither receive nor send.
"""

import sys
import time

import zmq

socket = zmq.Context().socket(zmq.REP)
socket.bind(sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:*")


def infer(data: dict) -> dict:
    time.sleep(data.get("seconds", 0))
    return {"action": [0.1, 0.2], "confidence": 0.95, "seen": data["observation"]}


HANDLERS = {
    "inference": infer,
    "command": lambda data: {"did": data["command"]},
    "health": lambda _: {"status": "ok", "timestamp": time.time()},
}

print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
while True:
    try:
        request = socket.recv_json()
        answer = {"request_id": request.get("request_id", "unknown"), "timestamp": time.time()}
        handler = HANDLERS.get(request.get("type"))
        if handler is None:
            answer |= {"status": "error", "error": f"Unknown message type: {request.get('type')}"}
        else:
            try:
                answer |= {"status": "success", "result": handler(request.get("data", {}))}
            except Exception as error:
                answer |= {"status": "error", "error": str(error)}
        socket.send_json(answer)
    except Exception as error:
        print(error, file=sys.stderr)
        time.sleep(0.1)
