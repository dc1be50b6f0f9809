import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { normalizeStatus } from "../../lib/normalize/status.ts";
import { SAMPLE, type Student, students } from "./read.ts";

/** Roughly what a dry run will count; `Reporter` is left out, as its meaning depends on the session. */
const MEANING: Record<string, string> = {
  Formée: "completed",
  Archivé: "archived",
  archivé: "archived",
  Archivè: "archived",
  Confirmer: "registered",
  Reporter: "postponed",
  Informer: "lead",
  informer: "lead",
  nouveau: "lead",
  "Ne répond pas": "lead",
};

let rows: Student[];
let truth: string[][];

beforeAll(async () => {
  rows = await students();
  const text = await readFile(`${SAMPLE}/truth.csv`, "utf8");
  truth = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
});

const meaningOf = ({ statut }: Student) => MEANING[normalizeStatus(statut) ?? ""] ?? "unknown";
const count = (meaning: string) => rows.filter((row) => meaningOf(row) === meaning).length;

describe("the committed sample", () => {
  it("has 2,200 and 800 rows in the two tables", () => {
    expect(rows.filter(({ table }) => table === "stagiaires")).toHaveLength(2_200);
    expect(rows.filter(({ table }) => table === "archives")).toHaveLength(800);
  });

  it("R15 has enough rows of each kind for waves of 25, 100, 100 and 250", () => {
    expect(count("completed")).toBeGreaterThanOrEqual(600);
    expect(count("archived")).toBeGreaterThanOrEqual(400);
    expect(count("registered")).toBeGreaterThanOrEqual(150);
    expect(count("lead")).toBeGreaterThanOrEqual(500);
  });

  it("D15 stays below the stop thresholds: unknown 5 %, unmapped courses 5 %, duplicates 20 %", () => {
    expect(count("unknown") / rows.length).toBeLessThan(0.05);
    expect(count("unknown")).toBeGreaterThan(50);
    const history = rows.filter((row) => !["lead", "unknown"].includes(meaningOf(row)));
    const unmapped = history.filter(
      ({ formation_id }) => !(Number(formation_id) >= 1 && Number(formation_id) <= 18),
    );
    expect(unmapped.length / history.length).toBeLessThan(0.045);
    expect(unmapped.length).toBeGreaterThan(30);
    const certain = truth.filter(([, , kind]) =>
      ["phone", "email", "alternate"].includes(kind ?? ""),
    );
    expect(certain.length / rows.length).toBeLessThan(0.1);
    expect(certain.length).toBeGreaterThan(100);
  });

  it("holds every kind of dirt, in the generated rows too", () => {
    const generated = rows.filter(
      ({ table, id }) => Number(id) > (table === "archives" ? 10 : 122),
    );
    const holding = (column: keyof Student, pattern: RegExp) =>
      generated.filter((row) => pattern.test(row[column] ?? "\u{FFFFF}")).length;
    const dirt = {
      decomposedStatus: holding("statut", /\u0301/),
      spacedStatus: holding("statut", /^\s|\s$/),
      missingStatus: holding("statut", /\u{FFFFF}/u),
      arabicDigits: holding("telephone", /[٠-٩۰-۹]/),
      twoNumbers: holding("telephone", /\d.*[/;].*\d{6}/),
      international: holding("telephone", /^(?:\+|00)213/),
      missingPhone: holding("telephone", /\u{FFFFF}/u),
      letterInPhone: holding("telephone", /\dO\d/),
      placeholderEmail: holding("email", /^(?:\/|NULL|null)$/),
      schoolsOwnEmail: holding("email", /ecoin\.hank@gmail\.com/i),
      sharedEmail: holding("email", /partage/),
      arabicName: holding("nom", /^[\u0621-\u064A ]+$/),
      decomposedName: holding("prenom", /[\u0300-\u0308]/),
      hostileName: holding("nom", /[<=;]/),
      noName: holding("nom", /^(?:\/|NULL|\u{FFFFF})$/u),
      zeroDate: holding("date_naissance", /^0000/),
      impossibleDate: holding("date_naissance", /-02-30$/),
    };
    for (const [kind, found] of Object.entries(dirt)) {
      expect(found, kind).toBeGreaterThan(0);
    }
  });

  it("D8 has people who stand more than once, and a name that many people have", () => {
    const phones = new Map<string, number>();
    for (const { telephone } of rows) {
      const digits = telephone?.replace(/\D/g, "").slice(-9) ?? "";
      if (digits.length === 9) phones.set(digits, (phones.get(digits) ?? 0) + 1);
    }
    expect([...phones.values()].filter((n) => n > 1).length).toBeGreaterThan(200);
    expect(Math.max(...phones.values())).toBeLessThanOrEqual(5);
    const common = rows.filter(
      ({ nom, prenom }) =>
        /^benali$/i.test(nom?.trim() ?? "") && /^Mohamed$/.test(prenom?.trim() ?? ""),
    );
    expect(common.length).toBeGreaterThan(30);
  });
});
