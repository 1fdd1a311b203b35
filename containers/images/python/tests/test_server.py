"""The server and the client over a real socket."""

import json
import logging
import threading
import unittest
from typing import Any

import numpy as np
import zmq

from physical_ai_zmq import MessageType, ZMQClient, ZMQServer

QUIET = logging.getLogger("quiet")
QUIET.disabled = True


class ServerAndClient(unittest.TestCase):
    def setUp(self) -> None:
        self.server = ZMQServer("tcp://127.0.0.1:*", QUIET, max_waiting=2)
        self.server.register_handler(
            MessageType.INFERENCE, lambda data: {"action": np.asarray(data["observation"]["x"]) * 2}
        )
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        self.addCleanup(self.thread.join)
        self.addCleanup(self.server.stop)
        self.client = ZMQClient(self.server.endpoint, logger=QUIET)
        self.addCleanup(self.client.close)

    def test_arrays_come_back_as_they_went(self) -> None:
        self.assertEqual(
            result(self.client.inference({"x": np.arange(3, dtype=np.float32)}))["action"].dtype, np.float32
        )
        with ZMQClient(self.server.endpoint, form="json") as client:
            self.assertEqual(result(client.inference({"x": np.arange(3)})), {"action": [0, 2, 4]})

    def test_says_that_it_is_well(self) -> None:
        self.assertTrue(self.client.health_check())
        status = self.client.status()
        self.assertEqual(result(status)["answered"], 1)

    def test_tells_what_went_wrong(self) -> None:
        self.assertEqual(error(self.client.inference({})), "KeyError: 'x'")
        self.assertIn("got train", error(self.client.train({})))

    def test_answers_health_while_a_model_works(self) -> None:
        working, finish = threading.Event(), threading.Event()
        self.server.register_handler("train", lambda _: {"finished": working.set() or finish.wait(10)})
        trainer = threading.Thread(target=lambda: ask(self.server, "train"))
        trainer.start()
        working.wait(10)
        self.assertTrue(self.client.health_check())
        crowd = [threading.Thread(target=lambda: ask(self.server, "train")) for _ in range(2)]
        for thread in crowd:
            thread.start()
        while result(self.client.status())["waiting"] < 2:
            pass
        self.assertIn("2 requests are waiting", error(self.client.train({})))
        finish.set()
        for thread in [trainer, *crowd]:
            thread.join()

    def test_answers_the_request_in_work_when_it_is_stopped(self) -> None:
        self.server.register_handler("command", lambda _: self.server.stop())
        answer = self.client.command("stop")
        self.assertEqual((answer or {})["status"], "success")
        self.thread.join()
        self.assertFalse(self.client.health_check())

    def test_a_late_answer_is_not_the_next_ones(self) -> None:
        self.server.register_handler("slow", lambda _: threading.Event().wait(0.3))
        self.assertIsNone(self.client.send_request("slow", {}, timeout=50))
        self.assertEqual(result(self.client.inference({"x": np.ones(1)}))["action"].tolist(), [2])

    def test_a_message_without_a_delimiter_is_answered_without_one(self) -> None:
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.connect(self.server.endpoint)
            socket.send(b'{"type": "health"}')
            self.assertEqual(socket.poll(5_000), zmq.POLLIN)
            self.assertEqual(json.loads(socket.recv())["status"], "error")

    def test_ends_when_its_zmq_thread_dies(self) -> None:
        with ZMQServer("tcp://127.0.0.1:*", QUIET) as server:
            server._router._on_request = lambda *_: 1 / 0
            with ZMQClient(server.endpoint, 100, QUIET) as client:
                server.start()
                self.assertIsNone(client.status())
            self.assertRaisesRegex(RuntimeError, "the thread that speaks ZMQ died", server.run)


def ask(server: ZMQServer, message_type: str) -> None:
    """Ask from a client of its own."""
    with ZMQClient(server.endpoint, 20_000) as client:
        client.send_request(message_type, {})


def result(answer: dict[str, Any] | None) -> Any:
    """Return the result of an answer that must be one."""
    assert answer is not None and answer["status"] == "success", answer
    return answer["result"]


def error(answer: dict[str, Any] | None) -> str:
    """Return the error of an answer that must be one."""
    assert answer is not None and answer["status"] == "error", answer
    return str(answer["error"])


if __name__ == "__main__":
    unittest.main()
