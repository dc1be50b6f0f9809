import type { WholeMigration } from "../../define/several.ts";
import { refuseContact } from "../../review/remark.ts";
import { StartRequest, startFor } from "../../review/steer/start-execution.ts";
import { Refusal } from "../../services/errors.ts";
import { runSettings } from "../../stages/run/settings.ts";
import { at } from "../paths.ts";
import { fieldOf, type PageRequest } from "../request.ts";
import { jsonAnswer, type PageResponse, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { settingField, startedPage, startPage } from "./page.ts";

/** What ties a form to the run it was made for: no page starts a run under an id that it did not make. */
const about = (run: string): string => `start ${run}`;

const runIn = (request: PageRequest): string => fieldOf(request, "run");

/** The form that starts a run, and what starts one. */
export const startRoutes: readonly Route[] = [
  { verb: "GET", path: at.start, takes: ["legacy_imports.run"], answer: showForm },
  {
    verb: "POST",
    path: at.start,
    takes: ["legacy_imports.run"],
    about: ({ request }) => about(runIn(request)),
    asks: () => ({ what: "start" }),
    again: ({ request }) =>
      `${at.start}?${new URLSearchParams({ migration: fieldOf(request, "migration") })}`,
    wrongIn,
    answer: start,
  },
];

/** The setting that is no such, or the backup: who calls it by somebody's address is told there. */
function wrongIn({ name, message }: Refusal): string | undefined {
  if (name === "PersonalDataInRemark") return "backup";
  const [, setting] = /^Invalid (\S+) value /u.exec(message) ?? [];
  return name === "InvalidSetting" && setting !== undefined ? settingField(setting) : undefined;
}

async function showForm(visit: Visit): Promise<PageResponse> {
  const { services, request, tokenFor } = visit;
  const migrations = Object.values(services.migrations);
  const run = services.newId();
  if (request.wantsJson) {
    return jsonAnswer(200, { migrations: migrations.map(({ name }) => name), run });
  }
  const wanted = request.query.get("migration");
  const chosen = migrations.find(({ name }) => name === wanted) ?? migrations[0];
  if (chosen === undefined) throw new Error("This deployment has no migration.");
  return startPage(visit, { migrations, chosen, run, csrf: tokenFor(about(run)) });
}

/**
 * Starts a run for the person who is signed in, under the same stamp as a terminal's (D36). Errors:
 * `PermissionDenied`, `InputInvalid`, `InvalidSetting`, `PersonalDataInRemark`.
 */
async function start(visit: Visit): Promise<PageResponse> {
  const { services, request, person } = visit;
  const run = runIn(request);
  const backup = fieldOf(request, "backup").trim();
  refuseContact(backup);
  const focus = fieldOf(request, "focus");
  const name = fieldOf(request, "migration");
  const migration = Object.hasOwn(services.migrations, name)
    ? services.migrations[name]
    : undefined;
  const settings = migration === undefined ? {} : saidOf(request, migration);
  // What is no moment is told here, and not by a run that stops at its beginning.
  if (migration !== undefined) await runSettings(migration, settings, services.clock());
  const asked = StartRequest.safeParse({
    machine: "migration",
    about: "run",
    input: {
      migration: name,
      run,
      ...(focus === "" ? {} : { focus }),
      gates: fieldOf(request, "gates") || "every-wave",
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
      acknowledge: {
        backup,
        queues: fieldOf(request, "queues") === "yes",
        ...(migration?.priority === undefined
          ? {}
          : { priority: fieldOf(request, "priority") === "yes" }),
      },
    },
  });
  if (!asked.success || migration === undefined) {
    throw new Refusal(
      "InputInvalid",
      "A run is started with the name of a migration. Nothing was started; open the page again and fill the form in there.",
    );
  }
  const { executionArn } = await startFor(services, person.name, asked.data, run);
  if (request.wantsJson) return jsonAnswer(200, { run });
  // Of a form that was sent before nothing was started, whatever it says now.
  return executionArn === "" ? seeOther(at.run(run)) : startedPage(visit, run);
}

/** What was said of the run, by the names of the definition's settings; what was left empty is not. */
const saidOf = (request: PageRequest, { settings = {} }: WholeMigration): Record<string, string> =>
  Object.fromEntries(
    Object.keys(settings).flatMap((name) => {
      const value = fieldOf(request, settingField(name)).trim();
      return value === "" ? [] : [[name, value]];
    }),
  );
