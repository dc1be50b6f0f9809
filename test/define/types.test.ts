import { expect, expectTypeOf, it } from "vitest";
import {
  all,
  any,
  atLeast,
  before,
  below,
  commit,
  datedBefore,
  defineMigration,
  earlier,
  entity,
  field,
  hold,
  insert,
  is,
  missing,
  need,
  not,
  of,
  otherThan,
  otherwise,
  passed,
  present,
  ref,
  referenced,
  status,
  table,
  text,
  thereBefore,
  when,
} from "../../lib/define/builders.ts";
import type { Checked, Wrong } from "../../lib/define/checked.ts";
import type { CheckedSeveral } from "../../lib/define/checked-several.ts";
import * as conditions from "../../lib/define/condition.ts";

const parts = {
  name: "small",
  title: "Small",
  connection: "legacy",
  source: { things: table("no", "label", "state") },
};
const from: ["things"] = ["things"];
const fields = { label: text("label"), state: status("state") };
const actions = { thing: insert("belongings", { label: "label" }) };
const decide: {
  kind: [
    { is: string; when: { field: "state"; is: string[] } },
    { is: string; when: typeof otherwise },
  ];
} = {
  kind: [
    { is: "kept", when: is("state", "new") },
    { is: "left", when: otherwise },
  ],
};

it("B5 a definition that is right compiles", () => {
  const found = defineMigration({
    ...parts,
    entity: {
      from,
      fields,
      decide: {
        kind: [
          { is: "kept", when: all(is("state", "new"), not(missing("label"))) },
          { is: "left", when: otherwise },
        ],
      },
      actions,
      plan: [
        when(any(is("kind", "left"), is("moved_before", "yes")), hold("left")),
        commit("thing"),
      ],
    },
  });
  expect(found.name).toBe("small");
});

it("B5 one that names what nothing has does not, and the compiler says so in a sentence", () => {
  const plan = [when(all(is("state", "new"), not(missing("lable"))), hold("x")), commit("thing")];
  const wrong = { ...parts, entity: { from, fields, decide, actions, plan } };
  type Said = Checked<typeof wrong>["entity"]["plan"];
  expectTypeOf<Said>().toEqualTypeOf<Wrong<"“lable” is nothing that a plan can look at.">>();
  // @ts-expect-error the plan looks at “lable”
  defineMigration(wrong);
});

it("B5 a line that is narrowed twice is narrowed by both", () => {
  const line = when(present("label"), need("owner", hold("owner_missing")));
  expect(line).toEqual({
    when: {
      all: [{ present: "label" }, { not: { reference: "owner", is: ["there"] } }],
    },
    hold: "owner_missing",
    says: "Owner missing.",
  });
  expect(when(is("state", "x"), when(missing("label"), hold("y"))).when).toEqual({
    all: [{ field: "state", is: ["x"] }, { missing: "label" }],
  });
  expect(when(missing("label"), hold("y")).when).toEqual({ missing: "label" });
  const wrong = {
    ...parts,
    entity: {
      from,
      fields,
      decide,
      actions,
      plan: [when(present("label"), when(missing("lable"), hold("x"))), commit("thing")],
    },
  };
  expectTypeOf<Checked<typeof wrong>["entity"]["plan"]>().toEqualTypeOf<
    Wrong<"“lable” is nothing that a plan can look at.">
  >();
});

it("B5 nor one by any word of a condition, however deep it stands", () => {
  const unknown = {
    missing: missing("lable"),
    present: present("lable"),
    is: is("lable", "x"),
    field: field("lable", "x"),
    passed: passed("lable"),
    before: before("lable", "state"),
    after: before("state", "lable"),
    earlier: earlier("lable", "cutover"),
    datedBefore: datedBefore("lable", "2015-01-01"),
    atLeast: atLeast("lable", 1),
    below: below("lable", 1),
    thereBefore: thereBefore("updated_at", "lable"),
    otherThan: otherThan("lable", "only"),
    not: not(missing("lable")),
    all: all(missing("state"), any(is("state", "x"), not(present("lable")))),
    any: any(missing("state"), missing("lable")),
  };
  type Of<W extends keyof typeof unknown> = Checked<
    typeof parts & {
      entity: {
        from: typeof from;
        fields: typeof fields;
        decide: typeof decide;
        actions: typeof actions;
        plan: readonly { readonly when: (typeof unknown)[W] }[];
      };
    }
  >["entity"]["plan"];
  type Each = { [W in keyof typeof unknown]: Of<W> };
  type Lable = Wrong<"“lable” is nothing that a plan can look at.">;
  expectTypeOf<Each>().toEqualTypeOf<{ [W in keyof typeof unknown]: Lable }>();
  // Every word that names something of a row is among them: the others name the platform's columns, or settings.
  const words = Object.entries(conditions).flatMap(([word, of]) =>
    typeof of === "function" ? [word] : [],
  );
  expect(words.filter((word) => !(word in unknown)).sort()).toEqual([
    "changes",
    "noted",
    "referenced",
    "said",
    "thereIs",
  ]);
  const seen = { ...parts, entity: { from, fields, decide, actions } };
  defineMigration({
    ...seen,
    entity: {
      ...seen.entity,
      // @ts-expect-error a rule of validation looks at a decision
      validate: [{ id: "r", says: "R.", when: is("kind", "kept"), verdict: "note" as const }],
      plan: [commit("thing")],
    },
  });
});

it("B5 nor one whose decision looks at what is known later", () => {
  const below: {
    kind: [
      { is: string; when: { field: "planned"; is: string[] } },
      { is: string; when: typeof otherwise },
    ];
  } = {
    kind: [
      { is: "x", when: is("planned", "hold") },
      { is: "y", when: otherwise },
    ],
  };
  const wrong = {
    ...parts,
    entity: { from, fields, decide: below, actions, plan: [commit("thing")] },
  };
  type Said = Checked<typeof wrong>["entity"]["decide"]["kind"];
  expectTypeOf<Said>().toEqualTypeOf<Wrong<"“planned” is nothing that a decision can look at.">>();
  // @ts-expect-error the decision looks at the plan
  defineMigration(wrong);
});

it("B5 nor one that leaves out an otherwise", () => {
  defineMigration({
    ...parts,
    entity: {
      from,
      fields,
      // @ts-expect-error the last line is no “otherwise”
      decide: { kind: [{ is: "kept", when: is("state", "new") }] },
      actions,
      plan: [commit("thing")],
    },
  });
});

it("B5 nor one that commits by no action, refers to nothing declared, or reads no table", () => {
  const entity = { from, fields, decide, actions };
  const byNone = { ...parts, entity: { ...entity, plan: [commit("things")] } };
  expectTypeOf<Checked<typeof byNone>["entity"]["plan"]>().toEqualTypeOf<
    Wrong<"“things” is no action of the definition.">
  >();
  const toNone = {
    ...parts,
    entity: { ...entity, plan: [when(referenced("course", "mapped"), hold("x")), commit("thing")] },
  };
  expectTypeOf<Checked<typeof toNone>["entity"]["plan"]>().toEqualTypeOf<
    Wrong<"“course” is no reference of the definition.">
  >();
  const other: ["stuff"] = ["stuff"];
  const ofNone = { ...parts, entity: { ...entity, from: other, plan: [commit("thing")] } };
  expectTypeOf<Checked<typeof ofNone>["entity"]["from"]>().toEqualTypeOf<
    Wrong<"“stuff” is no table of the source.">
  >();
});

it("B5 nor one of several kinds whose rows refer to what stands below them, or look at what nothing is", () => {
  const thing = entity("thing", {
    from: ["things"],
    fields: { label: text("label") },
    decide: {},
    actions: { thing: insert("belongings", { label: "label" }) },
    plan: [commit("thing")],
  });
  const lent = entity("lent", {
    from: ["things"],
    fields: { label: text("label") },
    refs: { thing: ref("thing", "label") },
    decide: {},
    actions: { lent: insert("loans", { thing_id: of("thing") }) },
    plan: [need("thing", hold("thing_missing")), commit("lent")],
  });
  // Below what it refers to it stands well; above it, not.
  defineMigration({ ...parts, entities: [thing, lent] });
  // @ts-expect-error “thing” is no entity above this one
  defineMigration({ ...parts, entities: [lent, thing] });
  // Rows of its own kind do, too.
  const within = entity("within", {
    from: ["things"],
    fields: { label: text("label") },
    refs: { outer: ref("within", "label", { optional: true }) },
    decide: {},
    actions: { within: insert("belongings", { label: "label", outer_id: of("outer") }) },
    plan: [commit("within")],
  });
  defineMigration({ ...parts, entities: [within] });
  const wrong: readonly [typeof lent, typeof thing] = [lent, thing];
  const seen = { ...parts, entities: wrong };
  expectTypeOf<CheckedSeveral<typeof seen>["entities"][0]["refs"]["thing"]>().toEqualTypeOf<
    Wrong<"“thing” is no entity above this one.">
  >();
  const shape = {
    from,
    fields: { label: text("label") },
    refs: { thing: ref("thing", "label") },
    decide: {},
    actions: { lent: insert("loans", { thing_id: of("thing") }) },
  };
  const looks = entity("looks", {
    ...shape,
    plan: [when(missing("title"), hold("x")), commit("lent")],
  });
  // @ts-expect-error “title” is nothing that a plan can look at
  defineMigration({ ...parts, entities: [thing, looks] });
  const needs = entity("needs", { ...shape, plan: [need("owner", hold("x")), commit("lent")] });
  // @ts-expect-error “owner” is no reference of the definition
  defineMigration({ ...parts, entities: [thing, needs] });
});
