/** Which way imports may go: `npm run imports` holds the tree to it. Type-only imports count. */

/** Each room, and the rooms whose doors it may use. What is not listed is refused, so no arrow runs back up. */
const rooms = {
  "unity-protocol": [],
  service: [],
  db: ["service", "unity-protocol"],
  policy: ["service", "unity-protocol"],
  "policy-wires": ["policy", "service", "unity-protocol"],
  containers: ["policy-wires", "policy", "service", "unity-protocol"],
  export: ["policy", "db", "service", "unity-protocol"],
  training: ["export", "policy-wires", "policy", "db", "service", "unity-protocol"],
  dashboard: ["unity-protocol"],
  hub: ["export", "db", "service", "unity-protocol"],
  "brain-worker": ["containers", "policy-wires", "policy", "service", "unity-protocol"],
  relay: ["service", "unity-protocol"],
  launcher: ["hub", "brain-worker", "relay", "db", "service", "unity-protocol"],
};

const anyOf = (names) => `(${names.join("|")})`;
const unlessTest = "(\\.(test|suite)\\.ts$|/testing/)";

const roomRules = Object.entries(rooms).map(([room, below]) => ({
  name: `${room}-uses-only-rooms-below-it`,
  severity: "error",
  from: { path: `^${room}/`, pathNot: unlessTest },
  to: {
    path: `@physical-ai/|^${anyOf(Object.keys(rooms))}/`,
    pathNot: `^${room}/${below.length === 0 ? "" : `|^@physical-ai/${anyOf(below)}(/|$)`}`,
  },
}));

/** The hub's folders, and those below each. Only `hub.ts` knows of legacy clients. */
const hubFolders = {
  durable: [],
  commands: ["durable"],
  live: ["commands", "durable"],
  door: ["live", "commands", "durable"],
  cluster: ["door", "live", "commands", "durable"],
  legacy: ["door", "live", "commands"],
  http: ["cluster", "door", "live", "commands", "durable"],
};

const hubRules = Object.entries(hubFolders).map(([folder, below]) => ({
  name: `hub-${folder}-uses-only-folders-below-it`,
  severity: "error",
  from: { path: `^hub/src/${folder}/`, pathNot: unlessTest },
  to: { path: `^hub/src/${anyOf(Object.keys(hubFolders))}/`, pathNot: `^hub/src/${anyOf([folder, ...below])}/` },
}));

module.exports = {
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true } },
    ...roomRules,
    ...hubRules,
    {
      name: "rooms-meet-at-their-doors",
      comment: "A room's files are its own: others import the package.",
      severity: "error",
      from: { path: "^([^/]+)/src/", pathNot: unlessTest },
      to: { path: "^[^/]+/src/", pathNot: "^$1/src/" },
    },
    {
      name: "policy-knows-no-docker-and-no-zmq",
      severity: "error",
      from: { path: "^policy/" },
      to: { path: "^(dockerode|tar-fs|zeromq|socket\\.io.*)$" },
    },
    {
      name: "exports-of-rows-need-no-policy",
      comment: "The hub serves exports, and its image shall not carry the ONNX runtime.",
      severity: "error",
      from: { path: "^export/src/index\\.ts$" },
      to: { path: "^@physical-ai/policy", reachable: true },
    },
  ],
  options: {
    // The one of the parsers that reads TypeScript 7's sources.
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
  },
};
