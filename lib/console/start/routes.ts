import { refuseContact } from "../../review/remark.ts";
import { StartRequest, startFor } from "../../review/start-execution.ts";
import { Refusal } from "../../services/errors.ts";
import { at } from "../paths.ts";
import { fieldOf, type PageRequest } from "../request.ts";
import { jsonAnswer, type PageResponse } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { startedPage, startPage } from "./page.ts";

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
    answer: start,
  },
];

async function showForm(visit: Visit): Promise<PageResponse> {
  const { services, request, tokenFor } = visit;
  const migrations = Object.values(services.migrations);
  const run = services.newId();
  if (request.wantsJson) {
    return jsonAnswer(200, { migrations: migrations.map(({ name }) => name), run });
  }
  return startPage(visit, { migrations, run, csrf: tokenFor(about(run)) });
}

/**
 * Starts a run for the person who is signed in, under the same stamp as a terminal's (D36). Errors:
 * `PermissionDenied`, `InputInvalid`, `PersonalDataInRemark`.
 */
async function start(visit: Visit): Promise<PageResponse> {
  const { services, request, person } = visit;
  const run = runIn(request);
  const backup = fieldOf(request, "backup").trim();
  refuseContact(backup);
  const focus = fieldOf(request, "focus");
  const asked = StartRequest.safeParse({
    machine: "migration",
    about: "run",
    input: {
      migration: fieldOf(request, "migration"),
      run,
      ...(focus === "" ? {} : { focus }),
      gates: fieldOf(request, "gates") || "every-wave",
      acknowledge: {
        backup,
        queues: fieldOf(request, "queues") === "yes",
        priority: fieldOf(request, "priority") === "yes",
      },
    },
  });
  const known = Object.hasOwn(services.migrations, fieldOf(request, "migration"));
  if (!asked.success || !known) {
    throw new Refusal(
      "InputInvalid",
      "A run is started with the name of a migration. Nothing was started; open the page again and fill the form in there.",
    );
  }
  await startFor(services, person.name, asked.data, run);
  return request.wantsJson ? jsonAnswer(200, { run }) : startedPage(visit, run);
}
