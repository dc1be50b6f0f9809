import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  birthDate,
  commit,
  defineMigration,
  email,
  insert,
  lower,
  name,
  phone,
  same,
  table,
  text,
  update,
} from "../../lib/define/builders.ts";
import { masksOf } from "../../lib/evidence/verify/masks.ts";
import { readReport } from "../../lib/evidence/verify/report.ts";

const club = defineMigration({
  name: "masked",
  title: "A club",
  connection: "club",
  source: { members: table("no", "name", "head", "mail", "mail_2", "tel", "born", "note") },
  entity: {
    from: ["members"],
    fields: {
      full_name: name("name"),
      head: name("head"),
      mail: email("mail"),
      mail_2: email("mail_2"),
      tel: phone("tel", { region: "DK" }),
      born: birthDate("born"),
      note: text("note"),
    },
    decide: {},
    is: [same({ email: lower("mail") })],
    there: update({
      phone: "tel",
      "head of (club)": "head",
      email: "mail_2",
      born: "born",
      note: "note",
    }),
    actions: { member: insert("members", { email: "mail" }) },
    plan: [commit("member")],
  },
});

const shown = (row: Readonly<Record<string, string>>): readonly string[] =>
  masksOf(club).flatMap(([column, mask]) => (mask.test(row[column] ?? "") ? [] : [column]));

it.each<[string, Record<string, string>, string[]]>([
  ["what is masked", { name: "S. B.", head: "Å.", email: "s•••@example.com", mail_2: "•••" }, []],
  ["a second name", { head: "Sara Benali" }, ["head"]],
  ["a second address", { mail_2: "sara@example.com" }, ["mail_2"]],
  ["a name as an address's domain", { email: "•••@sara benali" }, ["email"]],
  ["a birth date", { birth_year: "1987-05-01" }, ["birth_year"]],
  [
    "masked changes",
    {
      changes:
        "born:  > 1987; email: s•••@example.com > k•••@example.org; head of (club): S. B. > ; note: ••• > •••; phone: 45••••••12 > •••",
    },
    [],
  ],
  ["no changes", { changes: "" }, []],
  ["a changed address", { changes: "email: sara@example.com > k•••@example.org" }, ["changes"]],
  ["a changed name", { changes: "head of (club): S. B. > Sara Benali" }, ["changes"]],
  ["a changed text", { changes: "note: ••• > likes tea" }, ["changes"]],
  ["a change of nothing that is changed", { changes: "Sara: ••• > •••" }, ["changes"]],
  ["more behind changes", { changes: "note: ••• > •••; Sara Benali" }, ["changes"]],
])("D20 W12 a bundle's verification finds what is shown of people: %s", (_, row, columns) => {
  expect(shown(row)).toEqual(columns);
});

const head = {
  ...{ runId: "r", startedAt: "a", completedAt: "b", dryRun: false },
  config: { source: "s", target: "t", version: "1" },
  summary: { totalRecords: 1, created: 1, updated: 0, skipped: 0, errors: 0, duration_ms: 1 },
  members: {
    ...{ file: "members", totalRows: 1, parsed: 1, created: 1, updated: 0, skipped: 0, errors: 0 },
    ...{ states: { committed: 1 }, records: [] },
  },
};
const written = { legacyId: 1, targetTable: "users", targetId: 7, how: "committed" };
const failed = { entity: "members", sourceRow: 2, message: "name_missing" };
const sara = { name: "Sara Benali" };

it.each<[string, object, object, object, boolean]>([
  ["what wavegate writes", head, written, failed, true],
  ["more beside it", { ...head, note: "Sara Benali" }, written, failed, false],
  ["more of a run", { ...head, config: { ...head.config, ...sara } }, written, failed, false],
  ["more of the sums", { ...head, summary: { ...head.summary, ...sara } }, written, failed, false],
  ["more of a table", { ...head, members: { ...head.members, ...sara } }, written, failed, false],
  [
    "another state",
    { ...head, members: { ...head.members, states: { "Sara Benali": 1 } } },
    written,
    failed,
    false,
  ],
  ["more of a row", head, { ...written, ...sara }, failed, false],
  ["more of a failure", head, written, { ...failed, ...sara }, false],
  ["another list", head, { ...written, list: "Sara Benali" }, failed, false],
])(
  "D20 W12 the common report holds nothing but what is compared: %s",
  async (_, of, row, not, fits) => {
    const folder = await mkdtemp(join(tmpdir(), "wavegate-report-"));
    const path = join(folder, "migration-report.json");
    const { list = "members", ...one } = row as { list?: string };
    const lists = `,\n  "errors": [\n      ${JSON.stringify(not)}],\n  "idMapping": {\n    "${list}": [\n      ${JSON.stringify(one)}]\n  }\n}\n`;
    await writeFile(path, `${JSON.stringify(of, null, 2).slice(0, -2)}${lists}`);
    const found = await readReport(path, ["members"]).then(
      () => true,
      () => false,
    );
    await rm(folder, { recursive: true });
    expect(found).toBe(fits);
  },
);
