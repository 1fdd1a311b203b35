/** A process with many viewers, each of one robot; says once a second how many updates came in all. */
import { connectToHub } from "@physical-ai/unity-protocol/client";

const [url = "", token = "", count = "0", robots = "1", maxHz = "20"] = process.argv.slice(2);
let updates = 0;
let registered = 0;

for (let viewer = 0; viewer < Number(count); viewer++) {
  const robot = `SCITOS_${String(viewer % Number(robots)).padStart(4, "0")}`;
  const connection = connectToHub({
    url,
    token,
    registration: () => ({
      role: "viewer",
      id: `viewer-${viewer}`,
      protocol: 1,
      filter: { robots: [robot], types: ["ultrasound"], max_hz: Number(maxHz) },
    }),
    onRegistered: () => {
      registered++;
      if (registered === Number(count)) process.send?.({ registered });
    },
  });
  connection.socket.on("update_data", () => {
    updates++;
  });
}
setInterval(() => process.send?.({ updates }), 1_000);
process.once("disconnect", () => process.exit(0));
