/** A viewer process that tells its parent what is the newest it has seen. */
import { stopRequested } from "@physical-ai/service";
import { predictionType, validate } from "@physical-ai/unity-protocol";
import { connectToHub } from "@physical-ai/unity-protocol/client";

/** What it says. Times are the packets' own, epoch milliseconds; 0 before the first. */
export interface ViewerReport {
  telemetryAt: number;
  /** Of the newest packet that went into a prediction. */
  predictionAt: number;
}

const reportMs = 200;
const [url = "", token = "", id = ""] = process.argv.slice(2);
const report: ViewerReport = { telemetryAt: 0, predictionAt: 0 };

const connection = connectToHub({
  url,
  token,
  registration: () => ({ role: "viewer", id, protocol: 1 }),
  onRegistered: () => undefined,
});
connection.socket.on("update_data", (packet) => {
  if (packet.type !== predictionType) {
    report.telemetryAt = Math.max(report.telemetryAt, packet.ts ?? 0);
    return;
  }
  const prediction = validate.prediction(packet.val);
  if (prediction.ok) report.predictionAt = Math.max(report.predictionAt, prediction.value.input.ts ?? 0);
});
setInterval(() => process.send?.(report), reportMs);
void stopRequested().then(() => process.exit(0));
