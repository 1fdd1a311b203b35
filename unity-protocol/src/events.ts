/** The typed Socket.IO event maps of the contract. */
import type { Accepted, ClockReading, CommandAccepted, Failure, Stored } from "./acknowledgement.ts";
import type { CommandRequest, CommandUpdate, HexToHub, RobotAnswer, RobotBytes, RobotCommand } from "./command.ts";
import type { PayloadSchemaChange, RobotStatus } from "./notifications.ts";
import type { Batch, Packet, PacketArray, RawPacket, ViewedPacket } from "./packet.ts";
import type { Registered, Registration } from "./registration.ts";

/** An acknowledgement callback; legacy clients send none. */
export type Acknowledge<Success> = (answer: Success | Failure) => void;

/** What clients send to the hub. */
export interface ClientToHubEvents {
  register: (registration: Registration, acknowledge?: Acknowledge<Registered>) => void;
  /** Answered with the hub's time, for clients that estimate their clock's offset. */
  clock: (acknowledge?: Acknowledge<ClockReading>) => void;
  relay_to_hub: (packets: Packet | PacketArray | Batch, acknowledge?: Acknowledge<Stored>) => void;
  worker_to_hub: (packet: Packet, acknowledge?: Acknowledge<Accepted>) => void;
  command_request: (request: CommandRequest, acknowledge?: Acknowledge<CommandAccepted>) => void;
  hex_to_hub: (bytes: HexToHub, acknowledge?: Acknowledge<Accepted>) => void;
}

/** What the hub sends to its clients. */
export interface HubToClientEvents {
  /**
   * To a protocol-1 worker: packets for one policy; its acknowledgement asks for the next ones.
   * To an older worker: one packet, exactly as the relay sent it, and nothing else.
   */
  process_raw: (packets: RawPacket[] | Packet, policy?: string, done?: () => void) => void;
  update_data: (packet: ViewedPacket) => void;
  /** To a worker that makes the bytes of this robot's type: the answer is a `hex_to_hub`. */
  generate_hex: (command: RobotCommand) => void;
  send_to_robot: (command: RobotCommand | RobotBytes, answer: (answer: RobotAnswer) => void) => void;
  command_update: (update: CommandUpdate) => void;
  robot_status: (status: RobotStatus) => void;
  payload_schema: (change: PayloadSchemaChange) => void;
  /** Why the hub closes the connection now. */
  dismissed: (reason: Failure) => void;
}
