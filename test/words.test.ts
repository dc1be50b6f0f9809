import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, it } from "vitest";
import * as builders from "../lib/define/builders.ts";
import * as proof from "../lib/define/proof.ts";

const root = resolve(import.meta.dirname, "..");

/** Words of one legacy system or one platform: what they stand for is said by a definition. */
const foreign = new Set(
  [
    ...[
      "course",
      "training",
      "enrolment",
      "enrollment",
      "attendance",
      "payment",
      "lead",
      "student",
    ],
    ...[
      "formation",
      "stagiaire",
      "archive",
      "interest",
      "historical",
      "cohort",
      "session",
      "ecoin",
    ],
    ...["crm", "teacher", "pupil", "diploma", "inscription", "apprenant"],
    ...["waitinglist", "completedhistory", "completedtraining", "completed"],
  ].flatMap((word) => [word, `${word}s`]),
);

/** Where such a word means something else, and what. */
const allowed: readonly (readonly [file: RegExp, word: RegExp, why: string])[] = [
  [/^lib\/(embedded\/pages|sign-in|console)\//u, /^sessions?$/u, "a sign-in's"],
  [/^lib\/embedded\/rds-data\//u, /^sessions?$/u, "a database connection's"],
  [
    /^lib\/(sources|data|compile|review\/digest\/digest-sql)/u,
    /^sessions?$/u,
    "a database connection's",
  ],
  [/^lib\/review\/people\/people\.ts|same-person\.ts/u, /^sessions?$/u, "of a role of AWS"],
  [/^lib\/(infra|cli\/verbs\/local)/u, /^sessions?$/u, "of a role of AWS"],
  [/^lib\/(stages\/set-up|cli\/verbs\/check)/u, /^sessions?$/u, "a database connection's"],
  [/^lib\/evidence\/commit-log\.ts/u, /^sessions?$/u, "a database connection's"],
  [
    /^lib\/(services\/with-settings|speech\/refusals)\.ts/u,
    /^sessions?$/u,
    "a database connection's",
  ],
  [/^lib\/(embedded\/(states|pages)|console\/machine)\//u, /^leads?$/u, "what comes next"],
  [/^lib\/(sign-in|compile\/match)|database-of-folder|cli\/completion/u, /^leads?$/u, "the verb"],
  [/./u, /^completed$/u, "of a run, an upload, an execution"],
  [/^lib\/cli\/(verbs\/)?restore/u, /^archives?$/u, "a file of pg_dump"],
  [/^lib\/infra\//u, /^(ecoin|archives?)$/u, "deployments that are examples; storage classes"],
];

const files = ["lib", "functions", "statemachines"].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|sql|json|ya?ml)$/u.test(name))
    .map((name) => join(root, room, name)),
);

/** Words as a reader sees them: `archivedTraining`, `archived_training` and `archived training` alike. */
function wordsOf(line: string): string[] {
  const words = line
    .replaceAll(/cloud-?formation/giu, "stacks")
    .replaceAll(/([a-z])([A-Z])/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  return [...words, ...words.map((word, index) => `${word}${words[index + 1] ?? ""}`)];
}

it("no word of any one system stands in lib, functions and statemachines", () => {
  const found = files.flatMap((file) => {
    const name = relative(root, file);
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line, index) =>
        wordsOf(line)
          .filter((word) => foreign.has(word))
          .filter((word) => !allowed.some(([where, what]) => where.test(name) && what.test(word)))
          .map((word) => `${name}:${index + 1} ${word}`),
      );
  });
  expect(found).toEqual([]);
  expect(files.length).toBeGreaterThan(300);
});

it("the search finds such words however they are written", () => {
  for (const line of [
    "create_course_interest",
    "const realSession = 1;",
    "// a waiting list",
    "WAITING_LIST",
    "where s.imported_enrollment_id is not null",
    "legacyCompletedTrainings",
  ]) {
    expect([line, wordsOf(line).some((word) => foreign.has(word))]).toEqual([line, true]);
  }
  expect(wordsOf("the information of a performance").some((word) => foreign.has(word))).toBe(false);
});

it("B12 docs/vocabulary.md and docs/fields.md name every builder, and no word in them is none", () => {
  const built = Object.entries({ ...builders, ...proof })
    .filter(([, is]) => typeof is === "function")
    .map(([name]) => name);
  const code = ["vocabulary", "fields"]
    .flatMap((page) => [
      ...readFileSync(join(root, `docs/${page}.md`), "utf8").matchAll(
        /^```\w*\n(.*?)^```|`([^`\n]+(?:\n[^`\n]+)?)`/gmsu,
      ),
    ])
    .map(([, block, span]) => (block ?? span ?? "").replaceAll(/"[^"]*"/gu, ""))
    .join("\n");
  const without = built.filter((name) => !new RegExp(`\\b${name}\\(`, "u").test(code));
  expect(without).toEqual([]);
  const called = [...code.matchAll(/(?<![\w.])(\w+)\(/gu)].map(([, name = ""]) => name);
  // What is a server's: a type, and functions of SQL.
  const known = [...built, "BINARY", "upper", "isempty"];
  expect(called.filter((name) => !known.includes(name))).toEqual([]);
  expect(built.length).toBeGreaterThan(90);
});
