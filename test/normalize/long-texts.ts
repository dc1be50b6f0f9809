/**
 * Reads texts that are made to take as long as they can, by whatever reads a source's values, and prints how many it read:
 * a program of its own, as what never ends can only be ended from outside.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guessField } from "../../lib/author/guess-field.ts";
import { withoutSlash } from "../../lib/console/paths.ts";
import { readRequest } from "../../lib/console/request.ts";
import {
  boolean,
  choice,
  date,
  decimal,
  duration,
  integer,
  json,
  list,
  text,
  time,
  timestamp,
  uuid,
} from "../../lib/define/builders.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { each } from "../../lib/define/made.ts";
import { contactIn } from "../../lib/evidence/contacts.ts";
import { csvLines } from "../../lib/evidence/verify/files.ts";
import { readReport } from "../../lib/evidence/verify/report.ts";
import { rowImporter } from "../../lib/stages/import/import-row.ts";
import { isListText } from "../../lib/stages/import/list-field.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";

const of = "remarque";
const people: Migration = {
  ...ecoin,
  entity: {
    ...ecoin.entity,
    fields: {
      ...ecoin.entity.fields,
      said: text(of),
      paid: boolean(of, { yes: ["oui"], no: ["non"] }),
      whole: integer(of, { group: " " }),
      part: decimal(of, { decimal: ",", group: ".", beside: ["€", "kr."] }),
      day: date(of, { format: "d/M/yyyy" }),
      moment: timestamp(of),
      clock: time(of),
      long: duration(of),
      level: choice(of, { oui: "yes" }),
      known: uuid(of),
      inside: json(of),
      tags: list(of),
      parts: list(of, { by: "," }),
    },
  },
};
const lists: Migration = {
  ...ecoin,
  source: { ...ecoin.source, all: { ...each("stagiaires", of) } },
};
const columns = ecoin.source.stagiaires?.columns ?? [];
const read = rowImporter(people, "stagiaires", "2026-11-30");
const readList = rowImporter(lists, "stagiaires", "2026-11-30");

/** What is said again and again, between what begins a text and what ends it. */
const said = [
  ..."A0+-.,/\\\"'(<&=?@:;_*#{[% \t\né\u0300ا",
  ...[
    '\\"',
    "a@",
    "-a",
    "0-",
    ", ",
    "A ",
    "A.",
    "12/",
    "&#",
    "%C3",
    "=?a?B?",
    "+A",
    ":\t",
    '{"a":',
  ],
];
const around: readonly (readonly [string, string])[] = [
  ["", ""],
  ["", "x"],
  ["Ali+", "!"],
  ['"', "@"],
  ["0", " -"],
  ["[", "]"],
];
let count = 0;
for (const each of said) {
  for (const [before, behind] of around) {
    const long = (letters: number) => `${before}${each.repeat(letters / each.length)}${behind}`;
    read(columns.map(() => long(900)));
    read(columns.map(() => long(7_000)));
    readList(columns.map((column) => (column === of ? long(50_000) : null)));
    isListText(long(400_000));
    guessField("notes", [long(1_000_000)]);
    contactIn(long(50_000));
    count += 1;
  }
}
isListText(`${"{".repeat(23_000)}x${"}".repeat(23_000)}`);
// What anybody may send to the pages.
withoutSlash(`${"/".repeat(1_000_000)}x/`);
readRequest({
  rawPath: "/",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  requestContext: { http: { method: "POST" } },
  body: "a&".repeat(100_000),
});
// What may stand in a bundle that somebody else made.
const folder = await mkdtemp(join(tmpdir(), "long-texts-"));
const path = join(folder, "bundle");
for (const text of [" ".repeat(1_000_000), `"errors": [\n{"${'\\"'.repeat(250_000)}}`]) {
  await writeFile(path, `${text}\n`);
  await readReport(path, []).catch(() => undefined);
}
await writeFile(path, `a,b\r\n"${"\n".repeat(500_000)}x",1\r\n`);
for await (const _ of csvLines(path, "none"));
await rm(folder, { recursive: true });
console.log(`Read ${count} texts.`);
