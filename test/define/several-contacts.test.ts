import { describe, expect, it } from "vitest";
import { importedColumns } from "../../lib/compile/columns.ts";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  all,
  commit,
  defineMigration,
  email,
  hold,
  insert,
  noted,
  phone,
  table,
  when,
} from "../../lib/define/builders.ts";
import type { ValidationRule } from "../../lib/define/definition.ts";
import type { Field } from "../../lib/define/fields.ts";
import { partsOf } from "../../lib/define/several.ts";
import { rowImporter } from "../../lib/stages/import/import-row.ts";

const mobile = phone("mobile", { region: "AT" });
const home = phone("home", { region: "AT" });
const mail = email("mail", { placeholders: ["none@x.com"] });
const other = email("other", { placeholders: ["none@x.com"] });

const members = (fields: Readonly<Record<string, Field>>, validate: ValidationRule[] = []) =>
  defineMigration({
    name: "several-contacts",
    title: "Members",
    connection: "legacy",
    source: { members: table("no", "mobile", "home", "mail", "other") },
    entity: {
      from: ["members"],
      fields,
      validate,
      decide: {},
      actions: { member: insert("members", { no: "legacy_id" }) },
      plan: [commit("member")],
    },
  });
const note = (id: string): ValidationRule => ({
  id,
  says: "It is left out.",
  when: noted(id as "home_invalid"),
  verdict: "note",
});

describe("D3 V6 a finding about one of several phones, or addresses, is noted by its field as well", () => {
  const findings = (fields: Readonly<Record<string, Field>>, row: Record<string, string>) => {
    const migration = members(fields);
    const values = rowImporter(
      migration,
      "members",
      "2026-11-20",
    )(["no", "mobile", "home", "mail", "other"].map((column) => row[column] ?? null));
    const made = importedColumns(migration).filter(({ from }) => from === undefined);
    return values[made.findIndex(({ name }) => name === "findings") + 1];
  };

  it.each([
    ["mobile", "keins", ["phone_invalid", "mobile_invalid"]],
    ["home", "keins", ["phone_invalid", "home_invalid"]],
    ["home", "06641234567/04", ["phone_partly_read", "home_partly_read"]],
    ["other", "nobody@", ["email_malformed", "other_malformed"]],
    ["mail", "none@x.com", ["email_placeholder", "mail_placeholder"]],
    ["mail", "ida@x.com", null],
  ])("%s %j notes %j", (column, value, noted) => {
    expect(findings({ mobile, home, mail, other }, { [column]: value })).toEqual(noted);
  });

  it("and of one that is the only one of its kind by the kind alone", () => {
    expect(findings({ mobile, mail }, { mobile: "keins", mail: "nobody@" })).toEqual([
      "phone_invalid",
      "email_malformed",
    ]);
  });

  it("a rule lets that of one go, and the others' are held", () => {
    const fields = { mobile, home };
    const held = (validate: ValidationRule[]) =>
      partsOf(members(fields, validate))[0]?.entity.plan.flatMap((line) =>
        "hold" in line && line.hold === "noted_without_rule" ? [line.when] : [],
      );
    expect(JSON.stringify(held([note("home_invalid")]))).toContain('{"noted":"mobile_invalid"}');
    expect(JSON.stringify(held([note("home_invalid")]))).not.toMatch(/phone_invalid|home_invalid/);
    expect(JSON.stringify(held([note("phone_invalid")]))).not.toMatch(/_invalid/);
    expect(problemsOf(members(fields, [note("home_invalid")]))).toEqual([]);
    // Of one alone there is no other name.
    expect(problemsOf(members({ mobile }, [note("mobile_invalid")])).join()).toContain(
      "asks for “mobile_invalid”, which nothing notes: of that field it is “phone_invalid”.",
    );
  });

  it("a line of the plan may hold it", () => {
    const migration = defineMigration({
      ...members({ mobile, home }),
      entity: {
        ...members({ mobile, home }).entity,
        plan: [when(all(noted("mobile_invalid")), hold("mobile_to_check")), commit("member")],
      },
    });
    expect(problemsOf(migration)).toEqual([]);
  });
});
