import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { WholeMigration } from "../lib/define/several.ts";
import { community } from "../migrations/community/definition.ts";
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
  /** Its exports of about so many rows, those that are made of others included; none where it reads the platform itself. */
  exports?(rows: number): Readonly<Record<string, readonly (readonly string[])[]>>;
}

const times = <T>(count: number, of: (n: number) => T): T[] =>
  Array.from({ length: Math.round(count) }, (_, n) => of(n));
const files = (migration: string, names: readonly string[]): Promise<string[]> =>
  Promise.all(
    names.map((name) =>
      readFile(new URL(`../migrations/${migration}/${name}`, import.meta.url), "utf8"),
    ),
  );

/** Four in ten rows are notes; half the members are on the platform, two thirds of those otherwise than in the source. */
/** A number as letters: a name that has digits is nobody's. The platform's statement says the same. */
const inLetters = (n: number): string =>
  String(n).replaceAll(/[0-9]/gu, (digit) => "bcdfghklmn".charAt(Number(digit)));

const rosterShare = { members: 0.6, notes: 0.4 };

export const systems: Readonly<Record<string, System>> = {
  "wild-apricot": {
    says: "five kinds of things; keys are texts, and the platform's are made beforehand",
    definition: wildApricot,
    platform: async () =>
      (await files("wild-apricot", ["platform-schema.postgres.sql", "sample/platform.sql"])).join(
        "\n",
      ),
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
  community: {
    says: "a platform that is read and written: memberships with a baseline, and two feeds of it",
    definition: community,
    platform: async (rows) => {
      const [schema = "", sample = "", reader = ""] = await files("community", [
        "platform-schema.postgres.sql",
        "sample/platform.sql",
        "reader.sql",
      ]);
      // The role belongs to the server, and is there the second time.
      const role = reader.replace(
        /create role [^;]*;/iu,
        (made) => `do $$ begin ${made} exception when duplicate_object then null; end $$;`,
      );
      // Of the sample's rows some 30,000 are read; the others are comments.
      return `${schema}\n${sample}\n${role}
insert into community_post_comments (id, community_id, post_id, author_id, body_md, created_at)
select 200000 + n, 1 + (9 + n % 1990) % 30, 9 + n % 1990, 1 + n * 11 % 3800, 'Comment ' || n, timestamptz '2024-06-01Z' + n * interval '1 minute'
  from generate_series(1, ${Math.max(0, rows - 30_000)}) n`;
    },
  },
  roster: {
    says: "members brought up to date where the platform has them, and what refers to them",
    definition: roster,
    platform: async (rows) => `${rosterPlatform};
insert into club_members (email, full_name, mobile, grade_id, joined, fee)
select 'member' || n || '@example.org', 'Member ' || translate(n::text, '0123456789', 'bcdfghklmn'), case n % 3 when 0 then '4479' || lpad(n::text, 8, '0') end,
       '7f3a0000-0000-4000-8000-00000000ad01', date '2019-03-01', 20.5
  from generate_series(0, ${Math.round((rows * rosterShare.members) / 2) - 1}) n`,
    exports: (rows) => ({
      members: [
        ["no", "full", "mail", "mobile", "grade", "joined", "fee"],
        ...times(rows * rosterShare.members, (n) => [
          `M-${n}`,
          `Member ${inLetters(n)}`,
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
export async function writeExports(system: System, rows: number, into: string): Promise<void> {
  for (const [table, lines] of Object.entries(system.exports?.(rows) ?? {}))
    await writeFile(join(into, `${table}.csv`), stringify([...lines]));
}
