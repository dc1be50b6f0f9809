import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partnerProblems } from "../../lib/author/check/partners.ts";
import { checkSource } from "../../lib/author/check/source.ts";
import {
  commit,
  defineMigration,
  entity,
  grouped,
  insert,
  integerKey,
  joined,
  skip,
  table,
} from "../../lib/define/builders.ts";
import type { SourceTable } from "../../lib/define/definition.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import type { Source } from "../../lib/sources/source.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";

type Row = readonly (string | null)[];
type Whole = Parameters<typeof checkSource>[0];
const many = (of: number, row: (n: number) => Row): Row[] =>
  Array.from({ length: of }, (_, n) => row(n + 1));

/** Donors, each beside the household that it names. */
const donors = (
  homes: SourceTable,
  on: Record<string, string> = { id: "home" },
  more: Record<string, SourceTable> = {},
  of = "homes",
) =>
  defineMigration({
    name: "donors",
    title: "Donors",
    connection: "legacy",
    source: {
      homes,
      donors: table("no", "home"),
      ...more,
      at_home: joined("donors", { h: { table: of, on, optional: true } }),
    },
    entities: [
      entity("part", {
        from: ["homes", "donors", ...Object.keys(more)],
        fields: {},
        decide: {},
        actions: {},
        plan: [skip("part")],
      }),
      entity("donor", {
        from: ["at_home"],
        fields: {},
        decide: {},
        actions: { donor: insert("donors", { no: "legacy_id" }) },
        plan: [commit("donor")],
      }),
    ],
  } as never) as Whole;

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

const told = async (migration: Whole, homes: readonly Row[], named: readonly Row[]) => {
  const before = { ...test.legacy };
  const folder = await folderOf(test, {
    homes: [["id", "mail"], ...homes],
    donors: [["no", "home"], ...named],
  });
  const source = await openSource(sourceSettings("legacy", test.legacy as Record<string, string>));
  try {
    const { problems } = await checkSource(migration, source, "2026-11-20");
    return problems.filter(({ id }) => id === "partner_unfound");
  } finally {
    await source.close();
    await folder.remove();
    Object.assign(test.legacy, before);
  }
};

const homes = many(30, (n) => [`00${n}`, `home${n}@example.org`]);
const named = many(25, (n) => [`${n}`, n === 25 ? null : `${n}`]);

describe("B12 check tells of rows beside which hardly any other is found", () => {
  it("by shapes, and whether they are the same but for how they are written", async () => {
    expect(await told(donors(table("id", "mail")), homes, named)).toEqual([
      {
        level: "warning",
        id: "partner_unfound",
        about: "h",
        of: "donor",
        says: "“h” of “at_home” finds a row of “homes” for only 0 of 24 rows that name one by “home”: its values look like “9”, there they look like “999”.",
        remedy:
          'Without regard to blanks, capitals and zeros in front 24 of 24 are the same: say integerKey(…) as a key that is of whole numbers; of texts `case: "ignored"` beside `on`.',
      },
    ]);
    const words = many(24, (n) => [`${n}`, n % 2 ? `h-${n} ` : `h-${n}`]);
    const [only] = await told(
      donors(table("id", "mail")),
      many(30, (n) => [`H-${n}`, null]),
      words,
    );
    expect(only?.remedy).toMatch(/^Without regard to blanks, capitals .* 24 of 24/u);
    const [other] = await told(donors(table("id", "mail"), { mail: "home" }), homes, named);
    expect(other?.says).toContain(
      "its values look like “9”, there they look like “aaaa9@aaaaaaa.aaa”.",
    );
    expect(other?.remedy).toBe("Look which table it names, and by which columns.");
    const [none] = await told(donors(table("id", "mail")), [], named);
    expect(none?.says).toContain("there are none there.");
  });

  it("nothing where they are found, where few rows name one, and where that is known once rows are staged", async () => {
    expect(await told(donors(table(integerKey("id"), "mail")), homes, named)).toEqual([]);
    expect(await told(donors(table("id", "mail")), homes, named.slice(0, 19))).toEqual([]);
    const right = many(3, (n) => [`r${n}`, `00${n}`]);
    expect(await told(donors(table("id", "mail")), homes, [...named, ...right])).toEqual([]);
    const where = { field: "id", is: ["1"] };
    const groups = { groups: grouped("homes", { by: ["id"], where } as never) };
    expect(
      await told(donors(table("id", "mail"), { id: "home" }, groups, "groups"), homes, named),
    ).toEqual([]);
  });

  it.each([
    [99_999, 1],
    [100_000, 0],
  ])(
    "nothing where there are more rows than are read, as nobody knows what stands behind them: of %i",
    async (rows, problems) => {
      const read: Source["read"] = async function* (of, _key, columns, _range, pageRows) {
        for (let left = of === "homes" ? rows : 25; left > 0; left -= pageRows)
          yield Array.from({ length: Math.min(left, pageRows) }, () => columns.map(() => of));
      };
      const found = await partnerProblems(donors(table("id", "mail")) as never, "at_home", {
        read,
      } as Source);
      expect(found).toHaveLength(problems);
    },
  );
});
