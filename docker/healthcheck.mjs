/** Asks the program of this container, on its status port, how it is. */
const answer = await fetch(`http://127.0.0.1:${process.env.STATUS_PORT}/healthz`);
process.exit(answer.ok ? 0 : 1);
