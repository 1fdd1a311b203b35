"""`python -m physical_ai_zmq <framework> --mode inference --model-path … --port …`: serves one policy."""

import logging
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from typing import Any

import zmq

from physical_ai_zmq.policies import FRAMEWORKS, Policy, load_policy
from physical_ai_zmq.server import ZMQServer


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; exit code 1 when that is not possible, and the reason on standard error."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logger = logging.getLogger("physical_ai_zmq")
    endpoint = f"tcp://{options.host}:{options.port or '*'}"
    try:
        opened = ZMQServer(endpoint, logger)
    except zmq.ZMQError as error:
        sys.exit(f"expected a free endpoint; got {endpoint}: {error}")
    with opened as server:
        about: dict[str, Any] = {"status": "loading", "framework": options.framework, "ready": False}
        server.register_handler("health", lambda _: {**about, "timestamp": time.time()})
        server.start()
        logger.info("listening on %s, loading %s", server.endpoint, options.model_path or "the model")
        try:
            policy = load_policy(options.framework, options.model_path, dict(options.set))
        except Exception:
            logger.exception("could not load the policy")
            sys.exit(1)
        _serve(server, policy)
        about |= {"status": "ok", "ready": True, "model_version": policy.model_version}
        logger.info("serving model %s", policy.model_version)
        server.run()
        logger.info("stopped")


def _serve(server: ZMQServer, policy: Policy) -> None:
    def infer(data: dict[str, Any]) -> dict[str, Any]:
        observation = data.get("observation")
        if isinstance(observation, dict):
            return policy.infer(observation)
        raise TypeError(f"expected an observation, an object of named values; got {type(observation).__name__}")

    def command(data: dict[str, Any]) -> dict[str, Any]:
        if data.get("command") != "reset":
            raise ValueError(f"expected the command reset; got {data.get('command')!r}")
        policy.reset()
        return {}

    server.register_handler("inference", infer)
    server.register_handler("command", command)


def _parse(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser("python -m physical_ai_zmq", description="Serves a policy over ZMQ.")
    parser.add_argument("framework", choices=FRAMEWORKS)
    parser.add_argument("--mode", choices=("inference",), default="inference")
    parser.add_argument("--model-path", help="a file or folder, or a name that the framework can find")
    parser.add_argument("--port", type=int, default=5555, help="0 takes a free one; default %(default)s")
    parser.add_argument("--host", default="*", help="the address to listen on; default %(default)s, all")
    parser.add_argument(
        "--set",
        type=_option,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the framework; can be repeated",
    )
    return parser.parse_args(arguments)


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ArgumentTypeError(f"expected NAME=VALUE; got {text}")
    return name, value


if __name__ == "__main__":
    main()
