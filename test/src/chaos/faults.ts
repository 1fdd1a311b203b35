/** What can go wrong, each thing with those it can happen to. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Member } from "./crew.ts";
import type { Dice } from "./dice.ts";
import type { Fleet, HubMember, RelayMember } from "./fleet.ts";
import type { TcpProxy, Tripwire } from "./proxy.ts";
import { childrenOf, signal } from "./signals.ts";
import { until } from "./until.ts";

/** A fault. Resolves when it is over, though not when everyone has recovered from it. */
export interface Fault {
  kind: string;
  /** Lasts, or is felt, longer than the timeouts that are to notice it, whatever `holdMs` says. */
  long?: true;
  /** Does it to somebody for so long where it takes time, and says what and to whom. */
  inflict(fleet: Fleet, dice: Dice, holdMs: number): Promise<string>;
}

/** Longer than a relay waits for an acknowledgement (15 s). */
const longFreezeMs = 17_000;
/** A process that was killed is back by then. */
const returnPatienceMs = 60_000;
/** How long to wait for the COMMIT at which to cut. */
const commitPatienceMs = 10_000;

export const faults: readonly Fault[] = [
  ...processFaults("hub", (fleet) => fleet.hubs),
  ...processFaults("relay", (fleet) => fleet.relays),
  ...processFaults("worker", (fleet) => fleet.workers),
  ...processFaults("viewer", (fleet) => fleet.viewers),
  {
    kind: "kill_postgres",
    async inflict(fleet) {
      signal([await postmasterOf(fleet)], "SIGKILL");
      return "postmaster";
    },
  },
  {
    kind: "kill_postgres_keeper",
    async inflict({ postgres }) {
      signal([await pidOf(postgres)], "SIGKILL");
      return "npm run db -- serve";
    },
  },
  {
    kind: "kill_postgres_backend",
    async inflict(fleet, dice) {
      const backends = await backendsOf(fleet);
      if (backends.length === 0) return "nobody: there are none";
      signal([dice.pick(backends)], "SIGKILL");
      return "one session";
    },
  },
  { kind: "freeze_postgres", inflict: freezePostgres },
  { kind: "freeze_postgres_long", long: true, inflict: (fleet, dice) => freezePostgres(fleet, dice, longFreezeMs) },
  {
    kind: "freeze_postgres_sessions",
    async inflict(fleet, _, holdMs) {
      await frozen(await backendsOf(fleet), holdMs);
      return `all sessions, ${holdMs} ms`;
    },
  },
  ...linkFaults("relay_link", (fleet, dice) => {
    const { name, link } = dice.pick(fleet.relays);
    return { name, link };
  }),
  ...linkFaults("database_link", (fleet, dice) => {
    const { name, database } = dice.pick(fleet.hubs);
    return { name, link: database };
  }),
  { kind: "cut_relay_mid_batch", inflict: cutMidBatch },
  { kind: "move_relay", inflict: moveRelay },
  { kind: "cut_before_commit", inflict: (fleet) => cutAtCommit(fleet, () => 0) },
  { kind: "cut_after_commit", inflict: (fleet) => cutAtCommit(fleet, (chunk) => chunk.length) },
];

function processFaults(what: string, membersOf: (fleet: Fleet) => readonly Member[]): Fault[] {
  const freeze = async (fleet: Fleet, dice: Dice, holdMs: number) => {
    const { name, process } = dice.pick(membersOf(fleet));
    await frozen([await pidOf({ name, process })], holdMs);
    return `${name}, ${holdMs} ms`;
  };
  return [
    {
      kind: `kill_${what}`,
      async inflict(fleet, dice) {
        const member = dice.pick(membersOf(fleet));
        signal([await pidOf(member)], "SIGKILL");
        return member.name;
      },
    },
    { kind: `freeze_${what}`, inflict: freeze },
    { kind: `freeze_${what}_long`, long: true, inflict: (fleet, dice) => freeze(fleet, dice, longFreezeMs) },
  ];
}

function linkFaults(where: string, pickLink: (fleet: Fleet, dice: Dice) => { name: string; link: TcpProxy }): Fault[] {
  const fault = (
    what: string,
    inflict: (link: TcpProxy, holdMs: number, dice: Dice) => Promise<void> | void,
  ): Fault => ({
    kind: `${what}_${where}`,
    async inflict(fleet, dice, holdMs) {
      const { name, link } = pickLink(fleet, dice);
      await inflict(link, holdMs, dice);
      return `${name}, ${holdMs} ms`;
    },
  });
  return [
    fault("reset", (link) => link.reset()),
    fault("half_close", (link) => link.halfClose()),
    fault("hold", async (link, holdMs, dice) => {
      link.setPassage({ toServer: "held", toClient: "held" });
      await sleep(holdMs);
      if (dice.fraction() < 0.5) link.reset();
      link.heal();
    }),
    fault("deafen", async (link, holdMs) => {
      link.setPassage({ toClient: "swallowed" });
      await sleep(holdMs);
      link.reset();
      link.heal();
    }),
    fault("slow", async (link, holdMs, dice) => {
      for (const end = Date.now() + holdMs; Date.now() < end; ) {
        link.setPassage({ toServer: "held", toClient: "held" });
        await sleep(dice.between(20, 300));
        link.heal();
        await sleep(1);
      }
    }),
    { ...fault("forget", (link) => link.forget()), long: true },
  ];
}

async function freezePostgres(fleet: Fleet, _: Dice, holdMs: number): Promise<string> {
  const postmaster = await postmasterOf(fleet);
  const children = await childrenOf(postmaster);
  await frozen([postmaster, ...children.map(({ pid }) => pid)], holdMs);
  return `all of it, ${holdMs} ms`;
}

/** Somewhere within the next frames, most likely not between two of them. */
async function cutMidBatch({ relays }: Fleet, dice: Dice, holdMs: number): Promise<string> {
  const relay = dice.pick(relays);
  let bytesLeft = dice.between(1, 60_000);
  const tripped = relay.link.trip((chunk) => {
    bytesLeft -= chunk.length;
    return bytesLeft <= 0 ? chunk.length + bytesLeft : undefined;
  });
  await Promise.race([tripped, sleep(holdMs)]);
  relay.link.disarm();
  return relay.name;
}

/** The relay comes to another hub (or again to the only one), while what it sent last is still on its way to the first. */
async function moveRelay({ relays, hubs }: Fleet, dice: Dice, holdMs: number): Promise<string> {
  const { name, link } = dice.pick(relays);
  const others = hubs.filter((hub) => hub.port !== link.target);
  const to: HubMember = dice.pick(others.length === 0 ? hubs : others);
  link.setPassage({ toServer: "held" });
  await sleep(dice.between(50, 500));
  const late = link.orphan();
  link.target = to.port;
  link.heal();
  await sleep(holdMs);
  late.deliver();
  return `${name} to ${to.name}, its last batches ${holdMs} ms late`;
}

/** At the COMMIT of packets, at whichever hub it comes first. */
async function cutAtCommit({ hubs }: Fleet, bytesThatPass: (chunk: Buffer) => number): Promise<string> {
  const withPackets = new WeakSet<object>();
  const wire: Tripwire = (chunk, connection) => {
    if (chunk.includes("advance-streams")) withPackets.add(connection);
    const commits = chunk.includes("commit\0") && withPackets.delete(connection);
    return commits ? bytesThatPass(chunk) : undefined;
  };
  const cut = hubs.map(({ name, database }) => database.trip(wire).then(() => name));
  const whom = await Promise.race([...cut, sleep(commitPatienceMs, "nobody: no packets were committed")]);
  for (const { database } of hubs) database.disarm();
  return whom;
}

async function frozen(pids: readonly number[], holdMs: number): Promise<void> {
  signal(pids, "SIGSTOP");
  await sleep(holdMs);
  signal(pids, "SIGCONT");
}

/** Waits for a process that is on its way back. */
async function pidOf({ name, process }: Member): Promise<number> {
  await until(`${name} is running`, () => process.pid !== undefined, returnPatienceMs);
  return process.pid ?? 0;
}

async function postmasterOf({ postgres }: Fleet): Promise<number> {
  let pid: number | undefined;
  const isBack = async () => {
    const children = postgres.process.pid === undefined ? [] : await childrenOf(postgres.process.pid);
    pid = children.find(({ command }) => / -D /.test(command))?.pid;
    return pid !== undefined;
  };
  await until("PostgreSQL is running", isBack, returnPatienceMs);
  return pid ?? 0;
}

/** The sessions of hubs. */
async function backendsOf(fleet: Fleet): Promise<number[]> {
  const children = await childrenOf(await postmasterOf(fleet));
  return children.filter(({ command }) => command.includes("127.0.0.1(")).map(({ pid }) => pid);
}

/** Everyone who was moved goes home. */
export function bringHome({ relays, hubs }: Pick<Fleet, "relays" | "hubs">): void {
  for (const { database } of hubs) database.heal();
  for (const relay of relays) goHome(relay);
}

function goHome({ link, home }: RelayMember): void {
  link.heal();
  if (link.target === home.port) return;
  link.target = home.port;
  link.reset();
}
