import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { warnings } from "../../lib/cli/verbs/start.ts";
import { createConsole } from "../../lib/console/app.ts";
import { findRun } from "../../lib/data/runs.ts";
import { commit, defineMigration, entity, insert, table, text } from "../../lib/define/builders.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { count as rowsOf } from "../../lib/services/words.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { acknowledged, judgeAll } from "../support/steps.ts";

/** Two kinds of things, of one table: of each of its rows both are made. */
const renewed = defineMigration({
  name: "renewed",
  title: "Things that are renewed",
  connection: "legacy",
  source: { things: table({ integer: "no" }, "word") },
  entities: (["thing", "twin"] as const).map((name) =>
    entity(name, {
      from: ["things"],
      fields: { word: text("word") },
      decide: {},
      actions: { [name]: insert(`${name}s`, { word: "word" }) },
      plan: [commit(name)],
    }),
  ),
});

/** Rows of a CSV file with these keys. */
const keyed = (...parts: readonly (readonly [from: number, upTo: number])[]) => [
  ["no", "word"],
  ...parts.flatMap(([from, upTo]) =>
    Array.from({ length: upTo - from + 1 }, (_, n) => [String(from + n), `word ${from + n}`]),
  ),
];

describe("R3 a source that is written anew while it is read", () => {
  let test: TestServices;
  let folder: Awaited<ReturnType<typeof folderOf>>;
  let runs = 0;

  beforeAll(async () => {
    test = await testServices({
      world: {
        migration: renewed,
        platform: ["things", "twins"].map(
          (name) =>
            `create table ${name} (id bigint generated always as identity primary key, word text)`,
        ),
        legacy: "",
      },
    });
    folder = await folderOf(test, { things: keyed([1, 400]) });
  });
  afterAll(async () => {
    await test?.close();
    await folder?.remove();
  });

  const hold = (rows: readonly (readonly string[])[]) =>
    writeFile(
      join(test.legacy.LEGACY_DB_PATH as string, "things.csv"),
      rows.map((row) => row.join(",")).join("\n"),
    );

  const latest = () => `7f3a0000-0000-4000-8000-0000000a11${String(runs).padStart(2, "0")}`;

  /** How an import ends of a source that is another one behind its plan. */
  const ended = async (now: readonly (readonly string[])[]): Promise<string> => {
    runs += 1;
    const run = latest();
    await hold(keyed([1, 400]));
    await preflight(test.services, {
      migration: "renewed",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
    });
    const { ranges } = await planImport(test.services, run);
    await hold(now);
    for (const { range } of ranges) await importRange(test.services, run, range);
    const end = await finishImport(test.services, run).then(
      ({ staged }) => `${rowsOf(staged.things ?? 0)} staged`,
      ({ name, message }: Error) => `${name}: ${message}`,
    );
    const [found] = await test.query<{ stage: string; counts: { not_read?: number } }>(
      "select stage, counts from wavegate.legacy_import_runs where id = $1",
      [run],
    );
    return `${end} | ${found?.stage} | ${found?.counts.not_read ?? "all"} `.trim();
  };

  it("R3 is refused where its rows have other keys, all of them or more than one in a hundred", async () => {
    expect(await ended(keyed([401, 800]))).toBe(
      "SourceChanged: The source changed while it was read: preflight counted 400 rows of things, 0 were read, and 400 stand there now, with other keys. " +
        "Nothing was committed. Start a new run, of a source that nobody writes anew meanwhile, or of a copy of it. | preflight | all",
    );
    expect(await ended(keyed([6, 405]))).toMatch(
      /^SourceChanged: .* 395 were read, and 400 stand/u,
    );
  });

  it("R3 goes on where rows were taken away, or came, and says how many it did not read", async () => {
    expect(await ended(keyed([1, 399]))).toBe("798 staged | import | all");
    expect(await ended(keyed([1, 100]))).toBe("200 staged | import | all");
    expect(await ended(keyed([1, 900]))).toBe("800 staged | import | all");
    expect(await ended(keyed([4, 403]))).toBe("794 staged | import | 3");
  });

  it("R3 V5 that is said in the terminal, on the run's page and in its export, which verifies", async () => {
    expect(await ended(keyed([4, 403]))).toBe("794 staged | import | 3");
    const { sign } = test.services;
    const run = await findRun(sign, latest());
    const says =
      "3 rows of the source were not read: they came, or were given another key, while the import went on. The next run reads them.";
    expect(warnings(run)).toEqual([says]);
    await judgeAll(test, run.id);
    const pages = createConsole({ services: test.services, key: Buffer.alloc(32, 7) });
    const { body } = await pages({
      rawPath: `/admin/legacy-imports/runs/${run.reference}`,
      rawQueryString: "",
      headers: {},
      requestContext: {
        http: { method: "GET" },
        authorizer: { jwt: { claims: { "cognito:username": "approver" } } },
      },
    });
    expect(body).toContain(says);
    const { prefix, manifestDigest } = await auditExport(test.services, run.id);
    const home = await mkdtemp(join(tmpdir(), "wavegate-all-read-"));
    await pullBundle(test.services.evidence, prefix, home);
    const { checks } = await verifyBundle(home, { digest: manifestDigest });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    await rm(home, { recursive: true });
  });
});
