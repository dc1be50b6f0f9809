import { requirePermission } from "../review/permissions.ts";
import { refuseContact } from "../review/remark.ts";
import { StartRequest, startFor } from "../review/start-execution.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { jsonAnswer, type PageResponse } from "./page.ts";
import { fieldOf, type PageRequest } from "./request.ts";
import { startedPage, startPage } from "./start-page.ts";
import type { FormGuard } from "./trust.ts";

/** What ties a form to the run it was made for: no page starts a run under an id that it did not make. */
const about = (run: string): string => `start ${run}`;

/**
 * Shows the form that starts a run, or starts one for the person who is signed in, under the same stamp as
 * a terminal's (D36). Errors: `PermissionDenied`, `FormNotTrusted`, `InputInvalid`, `PersonalDataInRemark`.
 */
export async function answerStart(
  services: Services,
  guard: FormGuard,
  request: PageRequest,
  person: string,
): Promise<PageResponse> {
  if (request.method === "POST") return start(services, guard, request, person);
  await requirePermission(services.sign, person, "legacy_imports.run");
  const migrations = Object.values(services.migrations);
  const run = services.newId();
  if (request.wantsJson) {
    return jsonAnswer(200, { migrations: migrations.map(({ name }) => name), run });
  }
  return startPage({ person, migrations, run, csrf: guard.tokenFor(person, about(run)) });
}

async function start(
  services: Services,
  guard: FormGuard,
  request: PageRequest,
  person: string,
): Promise<PageResponse> {
  const run = fieldOf(request, "run");
  guard.require(request, person, about(run));
  const { name } = await requirePermission(services.sign, person, "legacy_imports.run");
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
  await startFor(services, name, asked.data, run);
  return request.wantsJson ? jsonAnswer(200, { run }) : startedPage(person, run);
}
