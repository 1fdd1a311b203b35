/** Options of sockets whose peers may vanish. */

/**
 * A machine that vanishes closes no connection: TCP finds that out, within some twenty seconds. Not ZeroMQ's heartbeats:
 * libzmq 4.3.5 aborts the process when one is due after a peer went away while the receive queue was full. A peer's own
 * heartbeats can do the same to us: no end of this wire may send any.
 */
export const noticeVanished = {
  tcpKeepalive: 1,
  /** Seconds of silence until the peer's machine is asked, and between the questions. */
  tcpKeepaliveIdle: 5,
  tcpKeepaliveInterval: 5,
  tcpKeepaliveCount: 3,
  /** Milliseconds in which a peer must take what is sent to it. */
  tcpMaxRetransmitTimeout: 20_000,
} as const;
