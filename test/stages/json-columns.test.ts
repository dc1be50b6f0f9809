import { afterEach, describe, expect, it } from "vitest";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { approve, runWave } from "../support/steps.ts";

const run = reviewed;
let test: TestServices;
afterEach(() => test.close());

describe("D16 a rollback spares a row of whose JSON something changed", () => {
  /** What becomes of each of twelve edits: whether it is told of as one. */
  const all = "x".repeat(12);
  it.each([
    ["as it was", "", "", all],
    ["with a column more", "alter table legacy_completed_trainings add later text", "", all],
    ["under another name", "alter table legacy_completed_trainings rename note to remark", "", all],
    [
      "of which the platform itself forgot order and repeated keys since, or has json now where it had jsonb",
      "alter table legacy_completed_trainings alter note type jsonb using note::jsonb, alter empty type json using empty::json, alter part type json using part::json, alter void type json using void::json",
      "",
      "...xxxxxxxxx",
    ],
    ["whose ledger is older than that", "", "update of after_image", "...x.....x.."],
  ])(
    "D16 an edit of a JSON column that jsonb would forget is an edit, in preview and act: a table %s",
    async (_, reshape, older, seen) => {
      test = await reviewedServices();
      await test.query(
        `create domain told as json; create domain toldb as jsonb;
         alter table legacy_completed_trainings add note json default '{"a": 1, "b": 2}', add told told default '{"a": 1}',
           add notes json[] default array['{"a": 1}', '[1, 2]']::json[], add nothing json default 'null',
           add empty jsonb, add void jsonb default 'null', add part jsonb default '{"a": null}',
           add list jsonb[] default array[null, 'null', '[1, 2]']::jsonb[], add toldb toldb`,
      );
      await approve(test, run, "first_wave");
      await runWave(test, run, 1);
      const edits = [
        ["note", `'{"b": 2, "a": 1}'`],
        ["note", `'{"a": 3, "a": 1, "b": 2}'`],
        ["note", `'{"a": 1,  "b": 2}'`],
        ["note", `'{"a": 1.0, "b": 2}'`],
        ["told", `'{"a": 7, "a": 1}'`],
        ["notes", `array['{"a":1}', '[1, 2]']::json[]`],
        ["nothing", "null"],
        ["empty", "'null'"],
        ["void", "null"],
        ["part", "'null'"],
        ["list", "array['null', 'null', '[1, 2]']::jsonb[]"],
        ["toldb", "'null'"],
        // Written again as it was: nothing was lost with it.
        ["note", `'{"a": 1, "b": 2}'`],
      ] as const;
      const ids = await test.query<{ id: number }>(
        `select id::int from legacy_completed_trainings where legacy_import_run_id = '${run}' order by id limit ${edits.length}`,
      );
      if (older !== "")
        await test.query(`alter table wavegate.legacy_import_commit_logs disable trigger user;
          update wavegate.legacy_import_commit_logs set after_image = after_image - '' where run_id = '${run}';
          alter table wavegate.legacy_import_commit_logs enable trigger user`);
      for (const [at, [column, value]] of edits.entries())
        await test.query(
          `update legacy_completed_trainings set ${column} = ${value} where id = ${ids[at]?.id}`,
        );
      if (reshape !== "") await test.query(reshape);
      const called = (column: string) =>
        reshape.includes("remark") && column === "note" ? "remark" : column;
      const conflicts = edits.flatMap(([column], at) =>
        seen[at] !== "x"
          ? []
          : {
              table: "legacy_completed_trainings",
              id: ids[at]?.id,
              conflict: { edited: true, referenced: false, changed: [called(column)] },
            },
      );
      const spared = conflicts.length;
      const told = { undone: 25 - spared, spared, conflicts };
      expect((await previewRollback(test.services, run)).waves).toMatchObject([told]);
      expect((await rollback(test.services, run)).waves).toMatchObject([told]);
    },
  );
});
