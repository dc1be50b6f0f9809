import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestServices, testServices } from "../support/services.ts";
import { committed, standing, takenBack } from "./whole-life.ts";
import { library, libraryFiles, libraryPlatform } from "./worlds/library.ts";

const run = "7f3a0000-0000-4000-8000-00000000b1b0";
let legacy: string;
let test: TestServices;
beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [table, lines] of Object.entries(libraryFiles)) {
    await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
  }
  test = await testServices({ world: { migration: library, platform: [libraryPlatform], legacy } });
});
afterAll(async () => {
  await test.close();
  await rm(legacy, { recursive: true });
});

const rows = async () => {
  const all: unknown[] = [];
  for (const table of ["Branch", "Patrons", "items", "loans", "Überfällig"])
    all.push(
      ...(await test.query(`select to_jsonb(t) - 'touched' as row from "${table}" t order by 1`)),
    );
  return all;
};

it("B5 V10 D16 R14 odd names, and keys made of several rows above, go all the way and back", async () => {
  const before = await rows();
  expect(await committed(test, run)).toEqual([]);
  const states: string[] = [];
  for (const kind of ["reader", "copy", "loan", "fee"]) {
    for (const { no, state, why } of await standing(test, `library_${kind}`, run))
      states.push(`${kind} ${no} ${state}${why ? ` ${why}` : ""}`);
  }
  expect(states).toEqual([
    "reader L-1 committed",
    "reader L-3 held noted_without_rule",
    "reader L-4 failed name_missing",
    "reader ä 2 committed",
    'copy ["R1","1"] committed',
    'copy ["R1","2"] committed',
    'copy ["R2","1"] held noted_without_rule',
    'loan ["L-1","R1","1","2023-01-01"] committed',
    'loan ["L-1","R1","2","2023-01-02"] committed',
    'loan ["L-1","R2","1","2023-05-01"] held copy_missing',
    'loan ["nobody","R1","1","2023-05-01"] held reader_missing',
    'loan ["ä 2","R1","1","2023-03-01"] committed',
    "fee G/1 committed",
    "fee G/2 committed",
    "fee G/3 held loan_missing",
  ]);
  expect(
    await test.query(`
      select p."fullName", p."order", p.phone, p."état", p."note ""internal""" as note, l.lent_on::text, l."Offen", f.amount::text, f.paid
        from loans l join "Patrons" p on p."patronId" = l.patron left join "Überfällig" f using (patron, item, lent_on)
       order by l.lent_on`),
  ).toEqual([
    {
      fullName: "Müller Anna",
      order: "regular",
      phone: "493090182001",
      état: "actif",
      note: 'said "x"',
      lent_on: "2023-01-01",
      Offen: true,
      amount: "0.50",
      paid: true,
    },
    {
      fullName: "Müller Anna",
      order: "regular",
      phone: "493090182001",
      état: "actif",
      note: 'said "x"',
      lent_on: "2023-01-02",
      Offen: false,
      amount: null,
      paid: null,
    },
    {
      fullName: "O'Neill Björn",
      order: "young",
      phone: "493090182002",
      état: null,
      note: null,
      lent_on: "2023-03-01",
      Offen: true,
      amount: "1.50",
      paid: null,
    },
  ]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rows()).toEqual(before);
});
