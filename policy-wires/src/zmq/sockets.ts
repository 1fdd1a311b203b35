/** The ZeroMQ sockets of both ends: what they bear of a peer that is slow, too loud, or gone. */
import { Dealer, Router } from "zeromq";

const reconnectMs = 100;
const longestReconnectMs = 1_000;
/** Answers that may wait inside ZeroMQ: they can be large. */
const answersWaiting = 16;
/** Messages of one client that may wait inside ZeroMQ: requests, which can be large, and answers. */
const requestsWaiting = 8;
const answersUnsent = 64;
/** For a server's last answers to leave. */
const lingerMs = 500;

/**
 * A machine that vanishes closes no connection: TCP finds that out, within some twenty seconds. Not ZeroMQ's heartbeats:
 * libzmq 4.3.5 aborts the process when one is due after a peer went away while the receive queue was full. A peer's own
 * heartbeats can do the same to us: no end of this wire may send any.
 */
const noticeVanished = {
  tcpKeepalive: 1,
  /** Seconds of silence until the peer's machine is asked, and between the questions. */
  tcpKeepaliveIdle: 5,
  tcpKeepaliveInterval: 5,
  tcpKeepaliveCount: 3,
  /** Milliseconds in which a peer must take what is sent to it. */
  tcpMaxRetransmitTimeout: 20_000,
} as const;

/** A client's socket, not connected yet. @param maxFrameBytes a server that sends a larger frame is cut off */
export function clientSocket(maxFrameBytes: number): Dealer {
  return new Dealer({
    sendTimeout: 0,
    linger: 0,
    maxMessageSize: maxFrameBytes,
    reconnectInterval: reconnectMs,
    reconnectMaxInterval: longestReconnectMs,
    receiveHighWaterMark: answersWaiting,
    ...noticeVanished,
  });
}

/**
 * A server's socket, which listens.
 *
 * @param maxFrameBytes a client that sends a larger frame is cut off
 * @throws Error when the endpoint is taken or none
 */
export function serverSocket(endpoint: string, maxFrameBytes: number): Router {
  const socket = new Router({
    linger: lingerMs,
    maxMessageSize: maxFrameBytes,
    sendHighWaterMark: answersUnsent,
    receiveHighWaterMark: requestsWaiting,
    ...noticeVanished,
  });
  try {
    socket.bindSync(endpoint);
    return socket;
  } catch (error) {
    socket.close();
    throw new Error(`expected a free endpoint such as tcp://*:5555; got ${endpoint}`, { cause: error });
  }
}
