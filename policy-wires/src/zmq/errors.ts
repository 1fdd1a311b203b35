/** How a request can fail, told apart where a caller goes on differently. */

/** No answer came in time. The server may still be at work on the request; its answer will be dropped. */
export class ZmqTimeoutError extends Error {
  override readonly name = "ZmqTimeoutError";
}

/** There is no server at the endpoint, or it went away before it answered, or the client was closed. */
export class ZmqUnavailableError extends Error {
  override readonly name = "ZmqUnavailableError";
  /** False when the request never left: then it is safe to ask again. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** The server answered that it could not do what was asked. */
export class ZmqRemoteError extends Error {
  override readonly name = "ZmqRemoteError";
}

/** What came is no message of this wire. */
export class ZmqProtocolError extends Error {
  override readonly name = "ZmqProtocolError";
  /** The request that it belongs to, where that could still be read. */
  readonly requestId: string | undefined;

  constructor(message: string, requestId?: string) {
    super(message);
    this.requestId = requestId;
  }
}
