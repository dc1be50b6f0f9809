/**
 * A service in a process of its own, to be killed by the restart tests:
 * `node service-process.ts FOLDER`, machines in FOLDER/machines.json. Every function notes its
 * call in FOLDER/calls, and hangs while there is a file FOLDER/hang-NAME; `refused` fails.
 */
import { existsSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startStatesService } from "../../../lib/embedded/states/service.ts";

const folder = String(process.argv[2]);
const service = await startStatesService({
  directory: join(folder, "states"),
  machines: JSON.parse(await readFile(join(folder, "machines.json"), "utf8")),
  authenticate: async () => "tester",
  invoke: async (name, payload) => {
    await appendFile(join(folder, "calls"), `${JSON.stringify({ name, payload })}\n`);
    if (name === "refused") throw Object.assign(new Error("No."), { name: "Refused" });
    if (existsSync(join(folder, `hang-${name}`))) await new Promise(() => {});
    return payload;
  },
});
console.log(service.url);
