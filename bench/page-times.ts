import { createConsole } from "../lib/console/app.ts";
import { formGuard } from "../lib/console/trust.ts";
import { findRun } from "../lib/data/runs.ts";
import { sql, uuid } from "../lib/data/sql.ts";
import { readDefinition } from "../lib/infra/definitions.ts";
import type { Services } from "../lib/services/services.ts";
import { median } from "./meter.ts";

/** How long a page took, milliseconds: from the request to the whole answer, without the network. */
export interface PageTime {
  readonly page: string;
  readonly median: number;
  readonly worst: number;
}

/** Each is asked for so often; the first time, in which the database reads from its disk, is not counted. */
const times = 11;

/** Asks the console for its pages as a reviewer does, beside the plain statement that no list can beat. */
export async function pageTimes(
  services: Services,
  { run: id }: { run: string },
): Promise<PageTime[]> {
  const { sign } = services;
  const run = await findRun(sign, id);
  const { first, last } = await sign.one<{ first: number; last: number }>(sql`
    select min(id) as first, max(id) as last from wavegate.legacy_student_imports_source where run_id = ${uuid(run.id)}`);
  const middle = Math.floor((first + last) / 2);
  const pages = createConsole({
    services: {
      ...services,
      workflow: {
        definition: async (machine) => JSON.stringify(readDefinition(machine)),
        underWay: async () => [],
        arnOf: ({ name }) => name,
        steps: async () => [],
      },
    },
    key: Buffer.alloc(32, 7),
  });
  const base = `/admin/legacy-imports/runs/${run.reference}`;
  const page =
    (path: string, query = "") =>
    async () => {
      const { statusCode } = await pages({
        rawPath: base + path,
        rawQueryString: query,
        headers: {},
        requestContext: {
          http: { method: "GET" },
          authorizer: { jwt: { claims: { "cognito:username": "approver" } } },
        },
      });
      if (statusCode !== 200) throw new Error(`${path}?${query} answered ${statusCode}.`);
    };
  const key = Buffer.alloc(32, 7);
  /** A search for somebody by a whole value, as the form sends it. */
  const search = (by: string, value: string) => async () => {
    const path = `${base}/rows`;
    const csrf = formGuard(key, services.settings.signOffUrl).tokenFor("approver", path);
    const { statusCode } = await pages({
      rawPath: path,
      rawQueryString: "",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
      },
      requestContext: {
        http: { method: "POST" },
        authorizer: { jwt: { claims: { "cognito:username": "approver" } } },
      },
      body: new URLSearchParams({ csrf, by, value }).toString(),
    });
    if (statusCode !== 200) throw new Error(`A search by ${by} answered ${statusCode}.`);
  };
  const plain = () =>
    sign.rows(sql`
      select * from wavegate.legacy_student_imports_source
       where run_id = ${uuid(run.id)} and id > ${middle} order by id limit 50`);
  const asked: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["select … order by id limit 50, alone", plain],
    ["rows, the first page", page("/rows")],
    ["rows, in the middle", page("/rows", `after=${middle}`)],
    ["rows, the last page", page("/rows", `after=${last - 50}`)],
    ["rows that are held", page("/rows", "import_state=held")],
    ["rows of a reason", page("/rows", "reason=session_not_confirmed")],
    ["rows of a rare reason", page("/rows", "reason=several_high_matches")],
    ["rows of a classification", page("/rows", "classification=unknown")],
    ["rows of a decision", page("/rows", "is-session_type=unknown_session")],
    ["rows of a validation", page("/rows", "validation_status=failed")],
    ["rows whom the platform knows", page("/rows", "duplicate_confidence=high")],
    ["rows that waves wrote, none yet", page("/rows", "import_state=committed")],
    [
      "rows of two decisions that none has together",
      page("/rows", "classification=completed&is-import_action=create_course_interest"),
    ],
    ["rows of a phone that nobody has", search("phone", "+213 550 99 99 99")],
    ["rows of an address that nobody has", search("email", "nobody@nowhere.example")],
    ["rows of a name that nobody has", search("name", "Qwxyz Zyxwq")],
    ["one row", page(`/rows/${middle}`)],
    ["held rows, by reason", page("/held")],
    ["mappings of courses", page("/mappings/course")],
    ["the run", page("")],
    ["its audit", page("/audit")],
  ];
  const found: PageTime[] = [];
  for (const [name, ask] of asked) {
    await ask();
    const taken: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const begun = performance.now();
      await ask();
      taken.push(performance.now() - begun);
    }
    found.push({ page: name, median: median(taken), worst: Math.max(...taken) });
  }
  return found;
}
