"""Nothing but the wire, to compare with: sends back what came, or with `short` a part of it as small as an action."""

import sys

import zmq

short = sys.argv[1:] == ["short"]
socket = zmq.Context().socket(zmq.ROUTER)
socket.bind("tcp://127.0.0.1:*")
print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
while True:
    frames = socket.recv_multipart(copy=False)
    # The picture is the fourth frame, after the client, the delimiter and the header.
    socket.send_multipart(frames[:3] + frames[4:] if short else frames, copy=False)
