import { expect, expectTypeOf, it } from "vitest";
import {
  all,
  any,
  commit,
  defineMigration,
  entity,
  hold,
  insert,
  is,
  missing,
  need,
  not,
  of,
  otherwise,
  ref,
  referenced,
  status,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import type { Checked, Wrong } from "../../lib/define/checked.ts";
import type { CheckedSeveral } from "../../lib/define/checked-several.ts";

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
