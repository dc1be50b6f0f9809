import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { WholeMigration } from "../lib/define/several.ts";
import { wildApricot } from "../migrations/wild-apricot/definition.ts";
import { exportsOf } from "../scripts/club/exports.ts";
import { clubOf } from "../scripts/club/generate.ts";
import { lessons, lessonsPlatform } from "../test/lifecycle/worlds/lessons.ts";
import { roster, rosterPlatform } from "../test/lifecycle/worlds/roster.ts";

/** A system that is not ECOIN's: what is measured of it, by a definition that tests hold to its outcome. */
export interface System {
  readonly says: string;
  readonly definition: WholeMigration;
  /** SQL of the platform as it is before. */
  platform(rows: number): Promise<string>;
  /** Its exports of about so many rows, those that are made of others included. */
  exports(rows: number): Readonly<Record<string, readonly (readonly string[])[]>>;
}

const times = <T>(count: number, of: (n: number) => T): T[] =>
  Array.from({ length: Math.round(count) }, (_, n) => of(n));
const folder = new URL("../migrations/wild-apricot/", import.meta.url);

/** Four in ten rows are notes; half the members are on the platform, two thirds of those otherwise than in the source. */
const rosterShare = { members: 0.6, notes: 0.4 };

export const systems: Readonly<Record<string, System>> = {
  "wild-apricot": {
    says: "five kinds of things; keys are texts, and the platform's are made beforehand",
    definition: wildApricot,
    platform: async () =>
      (
        await Promise.all(
          ["platform-schema.postgres.sql", "sample/platform.sql"].map((file) =>
            readFile(new URL(file, folder), "utf8"),
          ),
        )
      ).join("\n"),
    exports: (rows) =>
      exportsOf(
        clubOf({
          planted: 1,
          members: rows * 0.3,
          events: rows * 0.05,
          registrations: rows * 0.65,
        }),
      ),
  },
  roster: {
    says: "members brought up to date where the platform has them, and what refers to them",
    definition: roster,
    platform: async (rows) => `${rosterPlatform};
insert into club_members (email, full_name, mobile, grade_id, joined, fee)
select 'member' || n || '@example.org', 'Member Of ' || n, case n % 3 when 0 then '4479' || lpad(n::text, 8, '0') end,
       '7f3a0000-0000-4000-8000-00000000ad01', date '2019-03-01', 20.5
  from generate_series(0, ${Math.round((rows * rosterShare.members) / 2) - 1}) n`,
    exports: (rows) => ({
      members: [
        ["no", "full", "mail", "mobile", "grade", "joined", "fee"],
        ...times(rows * rosterShare.members, (n) => [
          `M-${n}`,
          `Member Of ${n}`,
          `member${n}@example.org`,
          `079${String(n).padStart(8, "0")}`,
          "full",
          "2019-03-01",
          n % 3 === 1 ? "21.00" : "20.50",
        ]),
      ],
      notes: [
        ["no", "member", "body", "fee"],
        ...times(rows * rosterShare.notes, (n) => [
          String(n + 1),
          `M-${n}`,
          `Note ${n}`,
          n % 3 === 1 ? "3.00" : "",
        ]),
      ],
    }),
  },
  lessons: {
    says: "rows made of elements of lists, of halves put together, and of groups",
    definition: lessons,
    platform: async () => lessonsPlatform,
    // Of the rows that are made: four in ten of lists, three put together, three of groups of three.
    exports: (rows) => ({
      sections: [
        ["no", "title", "materials"],
        ...times(rows / 10, (n) => [
          `S${n}`,
          `Section ${n}`,
          JSON.stringify(times(4, (at) => ({ type: "text", title: `Material ${n} ${at}` }))),
        ]),
      ],
      tasks: [
        ["no", "section", "base"],
        ...times(rows * 0.3, (n) => [`T${n}`, `S${n % Math.round(rows / 10)}`, `B${n}`]),
      ],
      bases: [["id", "words"], ...times(rows * 0.3, (n) => [`B${n}`, `Words ${n}`])],
      visits: [
        ["no", "person", "section", "day", "room"],
        ...times(rows * 0.9, (n) => [
          String(n + 1),
          `person ${Math.floor(n / 3)}`,
          `S${n % Math.round(rows / 10)}`,
          `2026-01-${String(1 + (n % 28)).padStart(2, "0")}`,
          String(n % 9),
        ]),
      ],
    }),
  },
};

/** Writes a system's exports into a folder, as its source reads them. */
export async function writeExports(system: System, rows: number, into: string): Promise<number> {
  let written = 0;
  for (const [table, lines] of Object.entries(system.exports(rows))) {
    written += lines.length - 1;
    await writeFile(join(into, `${table}.csv`), stringify([...lines]));
  }
  return written;
}
