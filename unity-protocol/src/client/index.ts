/** The typed client of the hub for TypeScript: relays, brain workers, viewers, tests. */
export { type ClockSample, HubClock } from "./clock.ts";
export {
  connectToHub,
  HubConnection,
  type HubConnectionOptions,
  type HubSocket,
} from "./connection.ts";
export { describeRefusal, parseRefusal, type Refusal, type RefusalStage } from "./refusal.ts";
