/** One attacker from handshake to departure. */
import type { Role } from "@physical-ai/unity-protocol";
import { createDice, type Dice } from "../chaos/dice.ts";
import { type AttackMessage, type AttackStreams, makeMessage } from "./attack-message.ts";
import { type Attacker, openByHand, openWithLibrary } from "./attacker.ts";
import type { Corpus } from "./corpus.ts";
import { breakFrames, framesOf } from "./frames.ts";
import { sendHttpGarbage } from "./http-garbage.ts";
import { reasonToRefuse, type Sender } from "./oracle.ts";
import { choosePersona, type Persona, type Tokens } from "./persona.ts";
import type { Tally } from "./tally.ts";
import type { Outcome } from "./wire-client.ts";

/** What all attackers share. */
export interface Battle {
  url: string;
  seed: number;
  corpus: Corpus;
  tokens: Tokens;
  tally: Tally;
  /** How many messages are still to be sent. */
  left: () => number;
  /** Told of each message that the hub should have refused. */
  onAccepted: (event: string, message: unknown, reason: string) => void;
}

/** Robots of messages that the hub must refuse: no table may know them. */
export const forbiddenRobot = "INVALID_";

const streamsInAll = 40;

/** Attacks once; the same seed and number say and do the same. */
export async function attackOnce(battle: Battle, session: number): Promise<void> {
  const dice = createDice(battle.seed, session);
  const streams = { streamId: uuidOf(dice.between(1, streamsInAll)), nextSeq: 1 };
  const persona = choosePersona(dice, battle.tokens, streams.streamId);
  const attacker = await (dice.fraction() < 0.25 ? openWithLibrary : openByHand)(battle.url, persona.handshake);
  const attack = new Session(battle, attacker, dice, persona, streams);
  await attack.run();
}

/** A stream's id by its number: several attackers have the same. */
function uuidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

class Session {
  readonly #battle: Battle;
  readonly #attacker: Attacker;
  readonly #dice: Dice;
  readonly #persona: Persona;
  readonly #streams: AttackStreams;
  #sender: Sender = { role: undefined, legacy: false };
  #pending: Promise<void>[] = [];
  #lost = false;

  constructor(battle: Battle, attacker: Attacker, dice: Dice, persona: Persona, streams: AttackStreams) {
    this.#battle = battle;
    this.#attacker = attacker;
    this.#dice = dice;
    this.#persona = persona;
    this.#streams = streams;
  }

  async run(): Promise<void> {
    if (this.#persona.registration !== undefined) await this.#register(this.#persona.registration);
    const window = this.#dice.between(1, 32);
    for (let count = this.#dice.between(1, 200); count > 0 && this.#battle.left() > 0 && !this.#isOver(); count--) {
      await this.#act();
      if (this.#pending.length >= window) await this.#settle();
    }
    await this.#settle();
    if (this.#isOver()) this.#battle.tally.disconnected++;
    if (this.#dice.fraction() < 0.5) this.#attacker.wire?.cut();
    this.#attacker.close();
  }

  #isOver(): boolean {
    return this.#lost || !this.#attacker.open;
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#pending.splice(0));
  }

  async #act(): Promise<void> {
    const chance = this.#dice.fraction();
    const message = makeMessage(this.#battle.corpus, this.#dice, this.#persona.usualEvent, this.#streams);
    const { wire } = this.#attacker;
    this.#battle.tally.messages++;
    if (chance < 0.01) {
      await sendHttpGarbage(this.#battle.url, this.#dice);
    } else if (wire !== undefined && chance < 0.02) {
      for (const data of rawGarbage(this.#dice)) wire.sendRaw(data);
    } else if (wire !== undefined && chance < 0.06 && message.event !== "register") {
      wire.send(breakFrames(framesOf(message.event, message.args), this.#dice));
    } else if (message.event === "register") {
      await this.#settle();
      await this.#register(message.args[0], message.args);
    } else {
      this.#send(message);
    }
  }

  /** An event with what the hub must make of it. */
  #send({ event, args }: AttackMessage): void {
    const refused = this.#reasonToRefuse(event, args) !== undefined;
    const robot = `${forbiddenRobot}${this.#battle.tally.messages}`;
    const sent = refused ? args.map((argument) => markRobots(argument, robot)) : args;
    this.#sendAs(event, sent, this.#reasonToRefuse(event, sent));
  }

  #sendAs(event: string, args: readonly unknown[], reason: string | undefined): void {
    if (this.#dice.fraction() < 0.15) {
      this.#attacker.tell(event, args);
      return;
    }
    this.#pending.push(this.#attacker.ask(event, args).then((outcome) => this.#judge(event, args, outcome, reason)));
  }

  #reasonToRefuse(event: string, args: readonly unknown[]): string | undefined {
    const seen = this.#attacker.seen(event, args);
    return seen === undefined ? "unreadable" : reasonToRefuse(event, seen[0], this.#sender);
  }

  async #register(registration: unknown, args: readonly unknown[] = [registration]): Promise<void> {
    const outcome = await this.#attacker.ask("register", args);
    this.#judge("register", args, outcome, this.#reasonToRefuse("register", args));
    if (outcome.kind !== "answered" || codeOf(outcome.answer) === "unavailable") this.#lost = true;
    else if (isOk(outcome.answer)) this.#sender = senderOf(this.#attacker.seen("register", args)?.[0]);
  }

  #judge(event: string, args: readonly unknown[], outcome: Outcome, reason: string | undefined): void {
    const { tally } = this.#battle;
    if (outcome.kind === "closed") this.#lost = true;
    else if (outcome.kind === "silent") tally.unanswered++;
    else {
      tally.answered++;
      if (reason === undefined || !isOk(outcome.answer)) return;
      tally.acceptedInvalid++;
      this.#battle.onAccepted(event, args[0], reason);
    }
  }
}

/** Below Socket.IO. */
function rawGarbage(dice: Dice): (string | Buffer)[] {
  return dice.pick<() => (string | Buffer)[]>([
    () => ["3"],
    () => ["2", "2probe", "5", "6"],
    () => ["1"],
    () => ["9", "", "\u001e\u001e"],
    () => [Buffer.alloc(dice.pick([0, 1, 100_000]))],
    () => [
      `4${dice.pick(["0", "0{}", "0/admin,", "1", "3", "5", "6", "451-", "430[]", "430[1]", '4399[{"ok":true}]', "461-0[]"])}`,
    ],
    () => Array.from({ length: 200 }, (_, id) => `43${id % 5}[{"status":"acknowledged","result":${id}}]`),
    () => ["b4AAAA"],
  ])();
}

/** The same message about other robots, wherever it names one rightly. */
function markRobots(value: unknown, robot: string): unknown {
  if (Array.isArray(value)) return value.map((item) => markRobots(item, robot));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const marked: object = {};
  for (const [key, item] of Object.entries(value)) {
    const named = key === "robot_id" && typeof item === "string" && /^[\w-]{1,128}$/.test(item);
    const property = { value: named ? robot : markRobots(item, robot), writable: true, enumerable: true };
    Object.defineProperty(marked, key, { ...property, configurable: true });
  }
  return marked;
}

function senderOf(registration: unknown): Sender {
  const { role, protocol } = registration as { role: Role; protocol?: number };
  return { role, legacy: protocol === undefined };
}

function isOk(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "ok" in answer && answer.ok === true;
}

function codeOf(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return undefined;
  return Reflect.get(Object(answer.error), "code");
}
