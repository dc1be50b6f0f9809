import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { warnings } from "../../lib/cli/verbs/start.ts";
import { createConsole } from "../../lib/console/app.ts";
import { findRun, readPreflight } from "../../lib/data/runs.ts";
import {
  commit,
  defineMigration,
  entity,
  insert,
  reference,
  table,
  text,
} from "../../lib/define/builders.ts";
import { count as rowsOf } from "../../lib/services/words.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { fromPostgres } from "../lifecycle/from-postgres.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { acknowledged, judgeAll, question } from "../support/steps.ts";

/** Two kinds of things, of one table: of each of its rows both are made. */
const renewed = defineMigration({
  name: "renewed",
  title: "Things that are renewed",
  connection: "legacy",
  source: {
    things: table({ integer: "no" }, "word", "tag"),
    tags: table({ integer: "no" }, "label"),
  },
  references: {
    tag: {
      kind: "by_name",
      from: "tags",
      id: "no",
      label: "label",
      platform: { table: "labels", id: "id", label: "label" },
      suggestFrom: 0.6,
      staging: { table: "renewed_tags", id: "tag_no", label: "label", target: "label_id" },
    },
  },
  entities: (["thing", "twin"] as const).map((name) =>
    entity(name, {
      from: ["things"],
      fields: { word: text("word"), tag: reference("tag", "tag") },
      decide: {},
      actions: { [name]: insert(`${name}s`, { word: "word" }) },
      plan: [commit(name)],
    }),
  ),
});

/** Keys from one to another. */
type Keys = readonly (readonly [from: number, upTo: number])[];

describe("R3 a source that is written anew while it is read", () => {
  let test: Awaited<ReturnType<typeof fromPostgres>>;
  let runs = 0;

  beforeAll(async () => {
    test = await fromPostgres(renewed, {
      platform: ["things", "twins"]
        .map(
          (name) =>
            `create table ${name} (id bigint generated always as identity primary key, word text);`,
        )
        .join("create table labels (id bigint primary key, label text);"),
      legacy:
        "create table things (no bigint primary key, word text, tag bigint); create table tags (no bigint primary key, label text)",
    });
  });
  afterAll(async () => {
    await test?.close();
  });

  const hold = (keys: Keys) =>
    test.inLegacy(
      `truncate things;${keys.map(([from, upTo]) => `insert into things select n, 'word ' || n from generate_series(${from}, ${upTo}) n;`).join("")}`,
    );

  const latest = () => `7f3a0000-0000-4000-8000-0000000a11${String(runs).padStart(2, "0")}`;

  /** How an import ends of a source that is another one behind its plan, or behind the first of its two ranges. */
  const ended = async (
    now: Keys,
    {
      first,
      behindRange = 0,
      atEnd,
    }: { readonly first?: Keys; readonly behindRange?: number; readonly atEnd?: Keys } = {},
  ): Promise<string> => {
    runs += 1;
    const run = latest();
    await hold(first ?? [[1, 400]]);
    await preflight(test.services, {
      migration: "renewed",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
      settings: { batch_size: "200" },
    });
    const { ranges } = await planImport(test.services, run);
    for (const [index, { range }] of ranges.entries()) {
      if (index === behindRange) await hold(now);
      await importRange(test.services, run, range);
    }
    if (atEnd !== undefined) await hold(atEnd);
    const end = await finishImport(test.services, run).then(
      ({ staged }) => `${rowsOf(staged.things ?? 0)} staged`,
      ({ name, message }: Error) => `${name}: ${message}`,
    );
    const [found] = await test.query<{ stage: string; counts: Record<string, number> }>(
      "select stage, counts from wavegate.legacy_import_runs where id = $1",
      [run],
    );
    const told = ["not_read", "taken_away", "read_twice"].flatMap((what) =>
      found?.counts[what] === undefined ? [] : `${what} ${found.counts[what]}`,
    );
    return `${end} | ${found?.stage} | ${told.join(", ") || "all"}`;
  };

  it("R3 is refused where its rows have other keys, all of them or more than one in a hundred", async () => {
    expect(await ended([[401, 800]])).toBe(
      "SourceChanged: The source changed while it was read: preflight counted 400 rows of things, 0 were read, and 400 stand there now: the others were not there when they were read, or had another key. " +
        "Nothing was committed. Start a new run, of a source that nobody writes anew meanwhile, or of a copy of it. | preflight | all",
    );
    expect(await ended([[6, 405]])).toMatch(/^SourceChanged: .* 395 were read, and 400 stand/u);
  });

  it("R3 W13 does not say that keys are others where it was emptied, and filled again with the same", async () => {
    expect(await ended([], { atEnd: [[1, 400]] })).toMatch(
      /, 0 were read, and 400 stand there now: the others were not there when they were read, or had another key\. /u,
    );
  });

  it("R3 goes on where some rows were taken away, or came, and says how many", async () => {
    expect(await ended([[1, 399]])).toBe("798 staged | import | taken_away 1");
    expect(await ended([[1, 900]])).toBe("800 staged | import | all");
    expect(await ended([[4, 403]])).toBe("794 staged | import | not_read 3");
  });

  it("R3 W13 is refused where it is being loaded anew, and more than one row in a hundred is gone", async () => {
    expect(await ended([[1, 100]])).toBe(
      "SourceChanged: The source changed while it was read: preflight counted 400 rows of things, 100 were read, and 100 stand there now: the others were taken away, or are being loaded anew. " +
        "Nothing was committed. Start a new run, of a source that nobody writes anew meanwhile, or of a copy of it. | preflight | all",
    );
    expect(await ended([])).toMatch(/^SourceChanged: .* 0 were read, and 0 stand there now/u);
  });

  it("R3 W13 is refused where what its rows refer to is being loaded anew, and goes on once it is there", async () => {
    const tags = (upTo: number) =>
      test.inLegacy(
        `truncate tags; insert into tags select n, 'Tag ' || n from generate_series(1, ${upTo}) n`,
      );
    runs += 1;
    const run = latest();
    await hold([[1, 4]]);
    await tags(200);
    await preflight(test.services, {
      migration: "renewed",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
    });
    await tags(3);
    await expect(planImport(test.services, run)).rejects.toMatchObject({
      name: "SourceChanged",
      message: expect.stringMatching(
        /counted 200 rows of tags, and 3 were read: .* Nothing was judged or committed\. Once nobody writes it, `wavegate import --run renewed-/u,
      ),
    });
    await tags(199);
    await planImport(test.services, run);
    expect(
      await test.query("select count(*)::int from wavegate.renewed_tags where run_id = $1", [run]),
    ).toEqual([{ count: 199 }]);
    await tags(0);
  });

  it("R3 W13 is refused where a column that is read went between preflight and its plan, and goes on once it is back", async () => {
    runs += 1;
    const run = latest();
    await hold([[1, 40]]);
    await preflight(test.services, {
      migration: "renewed",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
    });
    await test.inLegacy("alter table things rename column word to said");
    await expect(planImport(test.services, run)).rejects.toMatchObject({
      name: "SourceChanged",
      message: expect.stringMatching(
        /^The source changed since preflight: it has no column things\.word any more\. No row was staged\. Put it back, and `wavegate import --run renewed-\S+` goes on; or name what is there in the definition, and start a new run\.$/u,
      ),
    });
    await test.inLegacy("alter table things rename column said to word");
    const { ranges } = await planImport(test.services, run);
    for (const { range } of ranges) await importRange(test.services, run, range);
    expect((await finishImport(test.services, run)).staged.things).toBeGreaterThan(0);
  });

  it("R1 W13 a user who may read nothing is told so, and not of doing more than reading", async () => {
    runs += 1;
    const reader = "legacy_reader_of_lifecycles";
    await test.inLegacy(`revoke select on all tables in schema public from ${reader}`);
    await expect(
      preflight(test.services, {
        migration: "renewed",
        run: latest(),
        executionArn: `arn:${latest()}`,
        acknowledge: acknowledged,
      }),
    ).rejects.toMatchObject({
      name: "PreflightFailed",
      message: expect.stringContaining(
        "The source's user may read nothing, as far as its server says: give it SELECT on what the definition reads.",
      ),
    });
    await test.inLegacy(`grant select on all tables in schema public to ${reader}`);
  });

  it("R3 W3 what was read under two keys is said, and refused where it is more than one in a hundred", async () => {
    // 401 rows, of which the last ones went to keys of the range that comes then.
    const behind = {
      first: [
        [1, 200],
        [300, 499],
      ],
      behindRange: 1,
    } as const;
    expect(
      await ended(
        [
          [5, 200],
          [250, 253],
          [300, 499],
        ],
        behind,
      ),
    ).toBe("808 staged | import | read_twice 4");
    expect(
      await ended(
        [
          [21, 200],
          [250, 269],
          [300, 499],
        ],
        behind,
      ),
    ).toMatch(
      /^SourceChanged: .* counted 400 rows of things, 420 were read, and 400 stand there now, so that some were read under two keys\./u,
    );
  });

  it("R3 V5 that is said in the terminal, on the run's page, to who signs, and in its export, which verifies", async () => {
    expect(await ended([[4, 403]])).toBe("794 staged | import | not_read 3");
    const { sign } = test.services;
    const run = await findRun(sign, latest());
    const says =
      "3 rows of the source were not read: they came, or were given another key, while the import went on. The next run reads them.";
    expect(warnings(run, await readPreflight(sign, run))).toEqual([says]);
    await judgeAll(test, run.id);
    const pages = createConsole({ services: test.services, key: Buffer.alloc(32, 7) });
    const asked = await question(test, run.id, "first_wave");
    for (const rawPath of [
      `/admin/legacy-imports/runs/${run.reference}`,
      `/sign-off/by-id/${asked}`,
    ]) {
      const { body } = await pages({
        rawPath,
        rawQueryString: "",
        headers: {},
        requestContext: {
          http: { method: "GET" },
          authorizer: { jwt: { claims: { "cognito:username": "approver" } } },
        },
      });
      expect(body).toContain(says);
    }
    expect(await faultsOfBundle(test, run.id)).toEqual([]);
  });
});
