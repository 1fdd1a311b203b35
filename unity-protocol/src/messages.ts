/** Every named message of the contract: the list that validators, JSON Schema files and cases are made from. */
import Type from "typebox";
import { Accepted, ClockReading, CommandAccepted, Failure, Stored } from "./acknowledgement.ts";
import {
  CommandRequest,
  CommandUpdate,
  HexToHub,
  PredictedCommand,
  RobotAnswer,
  RobotBytes,
  RobotCommand,
} from "./command.ts";
import { PayloadSchemaChange, RobotStatus } from "./notifications.ts";
import { Batch, Packet, PacketArray, RawPacket, RelayGap, ViewedPacket } from "./packet.ts";
import { Prediction } from "./prediction.ts";
import { Registered, Registration, registrations } from "./registration.ts";
import { compileDiscriminated, compileValidator } from "./validation.ts";

/** Schemas by the name that their JSON Schema file and file of cases bear. */
export const messageSchemas = {
  packet: Packet,
  packet_array: PacketArray,
  batch: Batch,
  raw_packet: RawPacket,
  relay_gap: RelayGap,
  prediction: Prediction,
  registration: Registration,
  registered: Registered,
  command_request: CommandRequest,
  predicted_command: PredictedCommand,
  robot_command: RobotCommand,
  robot_answer: RobotAnswer,
  command_update: CommandUpdate,
  command_accepted: CommandAccepted,
  hex_to_hub: HexToHub,
  robot_bytes: RobotBytes,
  robot_status: RobotStatus,
  payload_schema: PayloadSchemaChange,
  stored: Stored,
  accepted: Accepted,
  clock_reading: ClockReading,
  failure: Failure,
} as const;

/** Validators of what comes from outside. */
export const validate = {
  packet: compileValidator("a packet", Packet),
  packetArray: compileValidator("an array of packets", PacketArray),
  batch: compileValidator("a batch", Batch),
  relayGap: compileValidator("a relay_gap", RelayGap),
  rawPackets: compileValidator("the packets of process_raw", Type.Array(RawPacket)),
  viewedPacket: compileValidator("the packet of update_data", ViewedPacket),
  prediction: compileValidator("a prediction", Prediction),
  registration: compileDiscriminated("a registration", "role", registrations),
  registered: compileValidator("the answer to register", Type.Union([Registered, Failure])),
  stored: compileValidator("the answer to relay_to_hub", Type.Union([Stored, Failure])),
  clockReading: compileValidator("the answer to clock", Type.Union([ClockReading, Failure])),
  dismissal: compileValidator("the reason of dismissed", Failure),
  commandAccepted: compileValidator("the answer to command_request", Type.Union([CommandAccepted, Failure])),
  commandRequest: compileValidator("a command request", CommandRequest),
  robotCommand: compileValidator("a robot command", RobotCommand),
  robotBytes: compileValidator("a robot's bytes", RobotBytes),
  robotAnswer: compileValidator("a robot's answer", RobotAnswer),
  hexToHub: compileValidator("hex_to_hub", HexToHub),
  commandUpdate: compileValidator("a command update", CommandUpdate),
  robotStatus: compileValidator("a robot's status", RobotStatus),
  payloadSchema: compileValidator("a payload schema", PayloadSchemaChange),
} as const;
