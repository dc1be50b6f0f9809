import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { checkLabels } from "../../lib/author/check/labels.ts";
import { checkWords } from "../../lib/author/check/words.ts";
import { locate } from "../../lib/author/lines.ts";
import { unspoken } from "../../lib/cli/verbs/check.ts";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  all,
  commit,
  constant,
  date,
  defineMigration,
  email,
  field,
  hold,
  insert,
  is,
  match,
  name,
  not,
  noted,
  otherwise,
  people,
  phone,
  reference,
  same,
  staged,
  table,
  when,
} from "../../lib/define/builders.ts";
import type { Entity, Migration } from "../../lib/define/definition.ts";
import type { NamedReference } from "../../lib/define/reference.ts";
import { partsOf, type WholeMigration } from "../../lib/define/several.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { migrations } from "../../migrations/index.ts";
import { entity, short } from "./ecoin-with.ts";

const root = resolve(import.meta.dirname, "../..");

describe("B5 check holds a definition against itself", () => {
  it("finds nothing wrong with one that is right", () => {
    expect(checkWords(ecoin)).toEqual([]);
  });

  it("W14 R8 labels of mapped things that say who somebody is, on either side", async () => {
    const labelled = (label: string, platform: string, table = "courses") =>
      checkLabels({
        ...ecoin,
        references: {
          teacher: {
            ...(ecoin.references.course as NamedReference),
            from: "stagiaires",
            label,
            platform: { table, id: "id", label: platform },
          },
        },
      }).map(({ id, about, says }) => [id, about, /by (\S+),/u.exec(says)?.[1]]);
    for (const migration of Object.values(migrations).flatMap(partsOf))
      expect(checkLabels(migration)).toEqual([]);
    expect(labelled("nom", "title")).toEqual([
      ["reference_of_people", "teacher", "stagiaires.nom"],
    ]);
    expect(labelled("statut", "title")).toEqual([]);
    expect(labelled("statut", "full_name", "users")).toEqual([
      ["reference_of_people", "teacher", "users.full_name"],
    ]);
  });

  it("R5 sentences without words in the other language of pages: once, how many, and how they are given", () => {
    for (const migration of Object.values(migrations)) expect(unspoken(migration)).toEqual([]);
    const line = { says: "No shoes.", when: is("status_key", "x"), hold: "no_shoes" } as const;
    const { fr = {} } = ecoin.translations ?? {};
    const own = entity({ plan: [line, ...ecoin.entity.plan] });
    expect(unspoken(own)).toEqual([
      {
        level: "warning",
        id: "translation_missing",
        about: "No shoes.",
        says: "1 sentence of the definition (“No shoes.”) has no words in “fr”: pages in that language show it as it stands.",
        remedy:
          'Give them, each under the sentence itself: translations: { fr: { "No shoes.": "…" } }. Nobody has to.',
      },
    ]);
    expect(
      unspoken({ ...own, translations: { fr: { ...fr, "No shoes.": "Sans souliers." } } }),
    ).toEqual([]);
    const [none] = unspoken({ ...own, translations: {} });
    expect(none?.says).toMatch(
      /^\d+ sentences of the definition \(“.*” and \d+ more\) have no words/u,
    );
  });

  it.each<[string, Migration, string[]]>([
    [
      "names that nothing has",
      entity({
        validate: [
          ...ecoin.entity.validate,
          { id: "new_rule", says: "…", when: field("nickname", "x"), verdict: "note" },
        ],
        fields: { ...ecoin.entity.fields, branch_id: reference("formation_id", "branch") },
      }),
      ["error unknown_reference branch_id", "error unknown_name nickname"],
    ],
    [
      "a plan line behind one that always applies, and one that stands twice",
      entity({
        plan: [
          ...ecoin.entity.plan.slice(0, 2),
          ecoin.entity.plan[1] as Entity["plan"][number],
          ...ecoin.entity.plan.slice(2),
          { when: field("classification", "unknown"), hold: "late", says: "Too late." },
        ],
      }),
      [
        "error plan_open plan",
        "error never_reached An earlier run moved this legacy row already.",
        "error never_reached Too late.",
      ],
    ],
    [
      "a word that no decision says",
      entity({
        plan: [
          {
            when: field("classification", "complete"),
            hold: "x",
            says: "Complete rows.",
          },
          ...ecoin.entity.plan,
        ],
      }),
      ["error never_decided complete"],
    ],
    [
      "a decision without otherwise",
      entity({
        decide: { ...ecoin.entity.decide, extra: [{ is: "a", when: field("raw_status", "x") }] },
      }),
      ["error undecided extra"],
    ],
    [
      "an action that nothing commits, one that is not there, and values from nowhere",
      entity({
        actions: {
          ...ecoin.entity.actions,
          spare: {
            into: "crm_leads",
            id: "id",
            values: { full_name: staged("full_nam"), source: constant("x") },
            importedAs: "imported_lead_id",
            inverse: "delete_created",
          },
        },
        plan: [
          { when: field("raw_status", "zzz"), commit: "create_nothing", says: "Nothing." },
          ...ecoin.entity.plan,
        ],
      }),
      [
        "error unknown_action create_nothing",
        "warning action_unused spare",
        "error unknown_value full_nam",
      ],
    ],
    [
      "kinds in waves and focus that no row is",
      {
        ...ecoin,
        waves: { ...ecoin.waves, order: ["completed", "finished"] },
        focus: { default: "all", modes: { some: ["leads_only"] } },
      },
      ["error unknown_kind finished", "error unknown_kind leads_only", "error unknown_focus all"],
    ],
    [
      "a finding that no field can give",
      entity({
        validate: [
          { id: "n", says: "…", when: noted("number_unreadable"), verdict: "note" },
          ...ecoin.entity.validate,
        ],
      }),
      ["warning never_noted number_unreadable"],
    ],
    [
      "findings of rows that are made of others, and of their keys, but of no others",
      {
        ...entity({
          from: ["beside"],
          validate: [
            ...(
              ["partner_absent", "partner_several", "key_repeated", "list_unreadable"] as const
            ).map((id) => ({ id, says: "…", when: noted(id), verdict: "note" as const })),
            ...ecoin.entity.validate,
          ],
        }),
        source: {
          ...ecoin.source,
          beside: { key: ["no"], columns: ["no"], made: { joined: "stagiaires", with: {} } },
        },
      },
      ["warning never_noted list_unreadable"],
    ],
    [
      "what people are known by, and no field is",
      entity({
        fields: { ...ecoin.entity.fields, birth_date: date("date_naissance") },
        match: match([people({ in: "users", phone: "phone", birthDate: "birth_date" })]),
        validate: ecoin.entity.validate.filter(({ id }) => !id.startsWith("birth_date")),
      }),
      ["warning not_compared birthDate"],
    ],
  ])("%s", (_, migration, expected) => {
    expect(short(checkWords(migration))).toEqual(expected);
  });
});

it("B5 check says where: the line of the definition that names it", () => {
  const [found, nowhere] = locate(root, "ecoin", [
    {
      level: "error",
      id: "x",
      about: "telephone",
      says: "…",
      remedy: "…",
    },
    { level: "error", id: "x", about: "nothing of the kind", says: "…", remedy: "…" },
  ]);
  expect(found).toMatchObject({ file: "migrations/ecoin/definition.ts", line: expect.any(Number) });
  expect(nowhere).toMatchObject({ file: "migrations/ecoin/definition.ts", line: null });
});

it("B12 a line that says what a thing is comes before one where its name only stands", async () => {
  const root = await mkdtemp(join(tmpdir(), "wavegate-lines-"));
  await mkdir(join(root, "migrations/gym"), { recursive: true });
  await writeFile(
    join(root, "migrations/gym/definition.ts"),
    [
      'name: "gym",',
      '  title: "gym",',
      '    members: table("id", "title", "plan"),',
      '      plan: choice("plan", {}),',
      '      title: text("title"),',
      '      { is: "gold", when: otherwise },',
    ].join("\n"),
  );
  const lines = locate(
    root,
    "gym",
    ["plan", "title", "gold"].map((about) => ({
      level: "error" as const,
      id: "x",
      about,
      says: "",
      remedy: "",
    })),
  );
  expect(lines.map(({ line }) => line)).toEqual([4, 5, 6]);
  await rm(root, { recursive: true });
});

it("a decision’s own word is known though its condition always holds", () => {
  expect(
    checkWords(
      entity({
        decide: { ...ecoin.entity.decide, extra: [{ is: "a", when: otherwise }] },
      }),
    ),
  ).toEqual([]);
});

describe("B12 rows that are there and perhaps duplicates", () => {
  const withPlan = (...plan: unknown[]) =>
    defineMigration({
      name: "helpers",
      title: "Helpers",
      connection: "legacy",
      source: { helpers: table("no", "name", "phone", "mail") },
      entity: {
        from: ["helpers"],
        fields: {
          full_name: name("name"),
          phone: phone("phone", { region: "GB" }),
          mail: email("mail", { placeholders: [] }),
        },
        match: match([people({ in: "users", name: "full_name", phone: "phone" })]),
        is: [same({ mail: "mail" })],
        there: { update: { phone: staged("phone_normalized") } },
        decide: {},
        actions: { helper: insert("users", { full_name: "full_name", mail: "mail" }) },
        plan: [...plan, commit("helper")],
      },
    } as never);
  const codes = (migration: never) =>
    checkWords(migration)
      .map(({ id }) => id)
      .filter((id) => id === "held_as_duplicates");

  it("are said to count as moved, where `identity` tells them by what `is` does", () => {
    const told = (identity: readonly string[], there: unknown = undefined) => {
      const migration: WholeMigration = withPlan();
      const action = insert(
        "users",
        { full_name: "full_name", mail: "mail", no: "legacy_id" },
        { identity: [...identity] },
      );
      const [own] = partsOf(migration);
      const entity = { ...own?.entity, actions: { helper: action } };
      const whole = { ...own, entity: there === undefined ? entity : { ...entity, there } };
      return checkWords(whole as never)
        .filter(({ id }) => id === "taken_for_moved")
        .map(({ says }) => says);
    };
    expect(told(["mail"])).toEqual([
      "“identity” and “is” both tell by users.mail which row of the platform a legacy row is: one that anybody else made counts as moved by an earlier run (“moved_before”), and “there” never comes to it.",
    ]);
    expect(told(["mail"], "conflict")).toHaveLength(1);
    expect(told(["mail"], "keep")).toEqual([]);
    expect(told(["no"])).toEqual([]);
    expect(told(["mail", "no"])).toEqual([]);
  });

  it("are said to be held, where no line says what becomes of them", () => {
    expect(codes(withPlan() as never)).toEqual(["held_as_duplicates"]);
  });

  it("and the line that is advised holds those alone that are not there, and no other", () => {
    const advised = checkWords(withPlan() as never).find(({ id }) => id === "held_as_duplicates");
    const line = /when\(.*(?=\.$)/su.exec(advised?.remedy ?? "")?.[0] ?? "";
    const made = new Function("when", "all", "is", "not", "hold", `return ${line}`);
    const whole: WholeMigration = withPlan(made(when, all, is, not, hold));
    expect(problemsOf(whole)).toEqual([]);
    expect(line).toContain('is("there_is", "none")');
  });

  it("and are not where one does", () => {
    const line = when(
      all(is("duplicate_confidence", "high"), is("there_is", "none")),
      hold("possible_duplicate"),
    );
    expect(codes(withPlan(line) as never)).toEqual([]);
  });
});
