"""Serves robot policies over ZMQ, and asks them: JSON as ever, tensors as bytes."""

from physical_ai_zmq.client import ZMQClient
from physical_ai_zmq.messages import MessageType, WireError
from physical_ai_zmq.server import ZMQServer

__all__ = ["MessageType", "WireError", "ZMQClient", "ZMQServer"]
