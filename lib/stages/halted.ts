import { findRun } from "../data/runs.ts";
import { sayable } from "../evidence/contacts.ts";
import { listPeople } from "../review/people/people.ts";
import { haltMail } from "../review/steer/halt-mail.ts";
import type { Services } from "../services/services.ts";
import { auditExport } from "./export-audit.ts";
import { noteWaiting } from "./run/note-waiting.ts";

/** Which run halted, and why. */
export interface Halt {
  readonly run: string;
  readonly because: { readonly error: string; readonly message: string };
}

/** Records the incident, exports the summary and tells people (R17); the run waits for a command. A trial (B12) only waits. */
export async function halt(services: Services, { run: id, because: said }: Halt): Promise<void> {
  const because = sayable(said);
  const { id: run, reference, trial } = await findRun(services.stage, id);
  await noteWaiting(services, { run, status: "halted", because });
  // Whoever tries a definition looks on, and a trial writes nothing: it is no incident.
  if (trial !== null) return;
  // Told late about a run that was taken back or came to its end since, there is nothing to wait for.
  if ((await findRun(services.stage, run)).status !== "halted") return;
  // Neither an export nor a mail that fails may hide the halt itself: it is recorded already.
  await auditExport(services, run).catch((error) =>
    console.error(`The summary was not exported: ${error.name}`),
  );
  const people = (await listPeople(services.stage)).filter(({ permissions }) =>
    permissions.includes("legacy_imports.run"),
  );
  const mail = haltMail({
    ...{ language: services.settings.language, reference, because },
    site: services.settings.signOffUrl,
  });
  for (const { email } of people) {
    await services
      .mail({ ...mail, to: [email] })
      .catch((error) => console.error(`A mail about the halt was not sent: ${error.name}`));
  }
}
