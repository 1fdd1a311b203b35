/** Asks the program of this container how it is: the hub on its own port, the others on their status port. */
const { PORT = 3000, STATUS_PORT = PORT } = process.env;
const answer = await fetch(`http://127.0.0.1:${STATUS_PORT}/healthz`);
process.exit(answer.ok ? 0 : 1);
