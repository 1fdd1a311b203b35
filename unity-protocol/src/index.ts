/**
 * The contract of hub, relays, brain workers and viewers, for Node and for the browser.
 *
 * Names on the wire are snake_case, everywhere and only here and in SQL.
 */
export {
  Accepted,
  ClockReading,
  CommandAccepted,
  ErrorCode,
  Failure,
  failure,
  isFinal,
  Stored,
} from "./acknowledgement.ts";
export {
  CommandRequest,
  CommandStatus,
  CommandUpdate,
  defaultCommandTtlMs,
  HexToHub,
  PredictedCommand,
  RobotAnswer,
  RobotBytes,
  RobotCommand,
} from "./command.ts";
export type { Acknowledge, ClientToHubEvents, HubToClientEvents } from "./events.ts";
export { keysOf, valueAt } from "./json-pointer.ts";
export { messageSchemas, validate } from "./messages.ts";
export { PayloadSchemaChange, RobotStatus } from "./notifications.ts";
export {
  Batch,
  isDeeperThan,
  maxBinariesPerPacket,
  maxDepth,
  maxPacketsPerBatch,
  Packet,
  type PacketArray,
  RawPacket,
  RelayGap,
  relayGapType,
  ViewedPacket,
} from "./packet.ts";
export { Prediction, PredictionInput, PredictionTiming, predictionType } from "./prediction.ts";
export {
  Delivery,
  PolicySubscription,
  protocolVersion,
  Registered,
  Registration,
  Role,
  ViewerFilter,
} from "./registration.ts";
export { compileDiscriminated, compileValidator, preview, type Validate, type Validation } from "./validation.ts";
