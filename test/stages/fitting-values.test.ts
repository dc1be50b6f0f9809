import { expect, it } from "vitest";
import { targetRules } from "../../lib/compile/target/rules.ts";
import type { TargetTable } from "../../lib/compile/target/table.ts";
import { partsOf } from "../../lib/define/several.ts";
import { wildApricot } from "../../migrations/wild-apricot/definition.ts";

/** What is looked at of each row before its values as they came go into a column of a type. */
function lookedAt(type: string, base = type): readonly string[] {
  const member = partsOf(wildApricot).find(({ part }) => part === "member");
  const action = member?.entity.actions.member;
  if (member === undefined || action === undefined) throw new Error("There is no such action.");
  const column = { name: "waRawData", type, base, required: false, filled: true, triggered: false };
  const columns = [{ ...column, longest: null, labels: null, constant: null, collation: null }];
  const table: TargetTable = {
    ...{ name: "Member", oid: "1", columns },
    ...{ checks: [], references: [], keys: [], exclusions: [] },
  };
  return targetRules(member, action, new Map([["Member", table]])).map(({ by }) => by);
}

it("B6 W13 a row's values as they came are JSON already: they are not read as such once more for each row", () => {
  expect(lookedAt("jsonb")).toEqual([]);
  // What else a type refuses is asked.
  expect(lookedAt("small_document", "jsonb")).toEqual(["Member.waRawData holds no such value"]);
  expect(lookedAt("json")).toEqual(["Member.waRawData holds no such value"]);
});
