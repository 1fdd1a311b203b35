/** WebSockets that take turns. */
import { type ServerOptions, WebSocketServer } from "ws";

/**
 * For the option `wsEngine` of the server: one message a turn of the event loop. Several that came at once would be handled
 * in a row, and a relay that catches up would keep the database and all other clients waiting meanwhile.
 */
export class FairWebSocketServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    super({ ...options, allowSynchronousEvents: false });
  }
}
