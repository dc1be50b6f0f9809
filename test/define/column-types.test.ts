import { expect, expectTypeOf, it } from "vitest";
import {
  catalogue,
  commit,
  connection,
  defineMigration,
  each,
  earliest,
  entity,
  grouped,
  inherited,
  insert,
  integerKey,
  joined,
  missing,
  named,
  numbered,
  opened,
  otherwise,
  parted,
  table,
  when,
} from "../../lib/define/builders.ts";
import type { Checked, CheckedSource, Wrong } from "../../lib/define/checked.ts";
import type { CheckedSeveral } from "../../lib/define/checked-several.ts";
import type { Migration } from "../../lib/define/definition.ts";
import * as builders from "../../lib/define/field-builders.ts";
import type { Moment } from "../../lib/define/fields.ts";
import type { ColumnsOf } from "../../lib/define/source-columns.ts";
import type { source as courses } from "../../migrations/alpha2/source.ts";
import type { source as cookbook } from "../../migrations/alpha2-staging/source.ts";
import type { source as communities } from "../../migrations/community/source.ts";
import type { source as club } from "../../migrations/wild-apricot/source.ts";

const { text } = builders;
const own = { name: "small", title: "Small", connection: "legacy" };
const source = {
  things: table("no", "label", "parts", "extra", "kind"),
  kinds: table(["code", "part"], "says"),
  whole: table(integerKey("id")),
};
const decide = { kind: [{ is: "any", when: otherwise }] as const };
const actions = { thing: insert("belongings", { label: "label" }) };
const plan = [when(missing("label"), commit("thing")), commit("thing")];

/** What the compiler says of one field, made from columns of `things`. */
type Of<Field> = Checked<{
  source: typeof source;
  entity: {
    from: readonly ["things"];
    fields: { it: Field };
    decide: typeof decide;
    actions: typeof actions;
    plan: typeof plan;
  };
}>["entity"]["fields"]["it"];
/** Tables as they stand in a definition, where the compiler knows what is asked for. */
const inline = <const Source extends Migration["source"]>(tables: Source): Source => tables;
type Lable = Wrong<"“lable” is no column of “things”.">;

it("B5 a field that is made from a column nobody declares does not compile, and the compiler says so in a sentence", () => {
  defineMigration({
    ...own,
    source: { things: table("no", "label") },
    entity: {
      from: ["things"],
      fields: {
        no: text("no"),
        // @ts-expect-error “lable” is no column of “things”
        label: text("lable"),
      },
      decide,
      actions,
      plan: [commit("thing")],
    },
  });
  expectTypeOf<Of<ReturnType<typeof text<"lable">>>>().toEqualTypeOf<Lable>();
  expectTypeOf<Of<ReturnType<typeof text<"label">>>>().toEqualTypeOf<unknown>();
  // Of a name that is computed nothing is known: `check` says it.
  expectTypeOf<Of<ReturnType<typeof text<string>>>>().toEqualTypeOf<unknown>();
});

it("B5 nor by any kind of field, by whichever of its columns", () => {
  const computed: Moment & { readonly absent?: string } = { zone: "UTC" };
  // As they stand in a definition, where the compiler knows what is asked for.
  const { fields } = entity("thing", {
    from: ["things"],
    fields: {
      name: builders.name("label", "lable"),
      nameSaying: builders.name("lable", { longest: 80 }),
      phone: builders.phone("lable", { region: "GB" }),
      email: builders.email("lable", { placeholders: [] }),
      birthDate: builders.birthDate("lable", { youngest: 6 }),
      status: builders.status("lable"),
      createdAt: builders.createdAt("lable"),
      text: text("lable", { lines: true }),
      integer: builders.integer("lable", { least: 0 }),
      integerElse: builders.integer("label", { absent: "lable" }),
      decimalElse: builders.decimal("label", { absent: ["no", "lable"] }),
      booleanElse: builders.boolean("label", { yes: ["Y"], no: ["N"], absent: ["lable"] }),
      uuidElse: builders.uuid("label", { derived: true, absent: "lable" }),
      dateElse: builders.date("label", { absent: ["no", "lable"] }),
      timeElse: builders.time("label", { absent: "lable" }),
      referenceElse: builders.reference("label", "kind", { absent: ["lable"] }),
      decimal: builders.decimal("lable"),
      boolean: builders.boolean("lable", { yes: ["Y"], no: ["N"] }),
      sha1: builders.sha1("thing:{label}:{lable|none}"),
      sha256: builders.sha256('{"no":{no},"other":{"a":{lable|none},"b":{},"c":{|d}}}'),
      template: builders.template("{label}", "{no} {lable}", "Untitled"),
      composed: builders.composed("{label}", "{no} {lable|none}"),
      composedSaying: builders.composed("{lable}, {label}", { with: ", ", longest: 80 }),
      file: builders.file("lable", { within: "x", types: [] }),
      fileSaying: builders.file("label", {
        within: "x",
        types: ["application/pdf"],
        says: { size: "lable" },
      }),
      list: builders.list("label", "lable"),
      listOfMost: builders.list("lable", { most: 3 }),
      uuid: builders.uuid("lable", { derived: true }),
      json: builders.json("lable"),
      date: builders.date("lable", { format: "dd/MM/yyyy" }),
      time: builders.time("lable", { format: "H.mm" }),
      duration: builders.duration("lable", { unit: "days" }),
      timestamp: builders.timestamp("lable", { zone: "UTC" }),
      timestampAlone: builders.timestamp("lable"),
      timestampElse: builders.timestamp("label", { zone: "UTC", absent: "lable" }),
      timestampAt: builders.timestamp("label", { at: builders.time("lable") }),
      rangeAt: builders.range(
        builders.timestamp("no", { at: builders.time("label") }),
        builders.timestamp("no", { at: builders.time("lable") }),
      ),
      timestampOfOptions: builders.timestamp("lable", computed),
      range: builders.range(builders.date("lable"), builders.date("label")),
      rangeTo: builders.range(builders.integer("label"), builders.integer("lable"), {
        last: "out",
      }),
      lasting: builders.range(builders.date("label"), builders.lasting("lable", "days")),
      choice: builders.choice("lable", { a: "b" }),
      reference: builders.reference("lable", "kind"),
    },
    decide: {},
    actions,
    plan: [commit("thing")],
  });
  expectTypeOf<{ [Kind in keyof typeof fields]: Of<(typeof fields)[Kind]> }>().toEqualTypeOf<{
    [Kind in keyof typeof fields]: Lable;
  }>();
  // Every word that makes a field is among them.
  expect(Object.keys(builders).filter((word) => !(word in fields))).toEqual([]);
});

it("B5 the columns of a table that is made are known to types: those of what it is made of, and its own", () => {
  const made = inline({
    ...source,
    ...connection("elsewhere", { subs: table("sub_no", "sub") }),
    terms: catalogue("term", [{ term: "autumn", from: 9 }, { term: "spring" }]),
    called: inherited(named(table("no", "level"), { level: ["Level"] }), {
      level: { named: "no", by: ["no"] },
    }),
    halves: parted(table("no", "called", "flags"), {
      called: { by: ",", into: ["last", "first"] },
      flags: { bits: { news: 1 } },
    }),
    pieces: each("things", "parts", "type"),
    screws: each("pieces", "item.type", "size", { as: "screw" }),
    paired: joined("things", {
      kind: { table: "kinds", on: { code: "kind" } },
      sub: { table: "subs", on: { sub_no: "no" }, each: true },
    }),
    inside: numbered(opened(joined("things", {}), "extra", "size", "hue"), {
      within: ["kind"],
      by: ["no"],
    }),
    kindsOfThings: grouped("things", { by: ["kind"], values: { first: earliest("made") } }),
    ofMade: joined("pieces", { piece: { table: "kindsOfThings", on: { kind: "kind" } } }),
  });
  type Columns = { -readonly [Table in keyof typeof made]: ColumnsOf<typeof made, Table> };
  type OfThings = "no" | "label" | "parts" | "extra" | "kind";
  type Group = "group.rows" | "group.differs" | "group.first";
  type OfPieces = Exclude<OfThings, "parts"> | "item" | "item.place" | "item.type";
  expectTypeOf<Columns>().toEqualTypeOf<{
    things: OfThings;
    kinds: "code" | "part" | "says";
    whole: "id";
    subs: "sub_no" | "sub";
    terms: "term" | "from";
    called: "no" | "level";
    halves: "no" | "called" | "flags" | "last" | "first" | "news";
    pieces: OfPieces;
    screws: Exclude<OfPieces, "item.type"> | "screw" | "screw.place" | "screw.size";
    paired:
      | OfThings
      | `kind.${"code" | "part" | "says"}`
      | `sub.${"sub_no" | "sub" | "pair" | "first"}`;
    inside: Exclude<OfThings, "extra"> | "extra.size" | "extra.hue" | "row.place";
    kindsOfThings: OfThings | Group;
    ofMade: OfPieces | `piece.${OfThings | Group}`;
  }>();
  // They are those that the definition has once it is whole, table by table.
  const whole = defineMigration({
    ...own,
    source: made,
    entities: [
      entity("thing", {
        from: ["things", "kinds", "whole", "subs", "terms", "called", "pieces", "kindsOfThings"],
        fields: {},
        decide: {},
        actions: {},
        plan: [commit("thing")] as never,
      }),
    ],
  });
  const columns = Object.entries(whole.source).map(([name, of]) => [name, of.columns.toSorted()]);
  expect(Object.fromEntries(columns)).toMatchObject({
    pieces: ["extra", "item", "item.place", "item.type", "kind", "label", "no"],
    paired: [
      ...["extra", "kind", "kind.code", "kind.part", "kind.says", "label", "no", "parts"],
      ...["sub.first", "sub.pair", "sub.sub", "sub.sub_no"],
    ],
    inside: ["extra.hue", "extra.size", "kind", "label", "no", "parts", "row.place"],
    kindsOfThings: [
      ...["extra", "group.differs", "group.first", "group.rows", "kind", "label", "no", "parts"],
    ],
  });
});

it("B5 the definitions of the project let types know every column of every table", () => {
  type Known<Source> = {
    [Table in keyof Source]: string extends ColumnsOf<Source, Table> ? Table : never;
  }[keyof Source];
  type All = Known<typeof courses> | Known<typeof cookbook> | Known<typeof club>;
  expectTypeOf<All | Known<typeof communities>>().toEqualTypeOf<never>();
});

it("B5 nor does a table that is made of what no table has, or a reference", () => {
  const computed: string = "no";
  const tables = inline({
    ...source,
    ofNone: joined("stuff", {}),
    ofNoPartner: joined("things", { kind: { table: "sorts", on: { code: "kind" } } }),
    byNone: joined("things", { kind: { table: "kinds", on: { cade: "kind" } } }),
    byNoneOfOwn: joined("things", { kind: { table: "kinds", on: { code: "knd" } } }),
    noList: each("things", "pieces"),
    notGrouped: grouped("things", { by: ["knd"], order: ["nu"] }),
    notOpened: opened(joined("things", {}), "xtra", "size"),
    notNumbered: numbered(joined("things", {}), { within: ["knd"], by: ["no"] }),
    notKept: numbered(joined("things", {}), { within: ["kind"], by: ["no"], keep: "nu" }),
    notNumberedEach: numbered(each("things", "parts", "made"), {
      within: ["no", computed],
      by: ["item.mad", "row.place"],
    }),
    // Which `check` says.
    ofItself: numbered(joined("ofItself", {}), { within: ["no"], by: ["no"] }),
    ofEachOther: joined("ofIt", { kind: { table: "kinds", on: { code: "kind" } } }),
    ofIt: grouped("ofEachOther", { by: ["kind"] }),
    notNamed: named(table("no", "label"), { lable: ["Label"] }),
    notInherited: inherited(table("no", "label"), { label: { named: "hd", by: ["nu"] } }),
    notParted: parted(table("no", "label"), { lable: { by: ",", into: ["one", "two"] } }),
    right: numbered(joined("things", { kind: { table: "kinds", on: { code: "kind" } } }), {
      within: ["kind.part"],
      by: ["no"],
    }),
    rightEach: numbered(each("things", "parts", "made"), {
      within: ["no"],
      by: ["item.place", "item.made", "item", "parts"],
    }),
    rightOpened: numbered(opened(joined("things", {}), "extra", "size", "place"), {
      within: ["extra.size"],
      by: ["extra"],
      keep: "extra.place",
    }),
  });
  const references = {
    kind: { from: "kinds", id: "cod", label: "say" },
    sort: { from: "sorts", id: "no", label: "says" },
    part: { from: "kinds", id: computed, code: "part", parent: { column: "prt" } },
    right: { from: "kinds", id: "code", code: "part", parent: { column: "says" } },
  } as const;
  type Said = CheckedSource<{ source: typeof tables; references: typeof references }>;
  type NoColumn<
    Column extends string,
    Table extends string,
  > = `“${Column}” is no column of “${Table}”.`;
  expectTypeOf<Said>().toEqualTypeOf<{
    readonly source: {
      readonly things: unknown;
      readonly kinds: unknown;
      readonly whole: unknown;
      readonly ofNone: Wrong<"“stuff” is no table of the source.">;
      readonly ofNoPartner: Wrong<"“sorts” is no table of the source.">;
      readonly byNone: Wrong<NoColumn<"cade", "kinds">>;
      readonly byNoneOfOwn: Wrong<NoColumn<"knd", "things">>;
      readonly noList: Wrong<NoColumn<"pieces", "things">>;
      readonly notGrouped: Wrong<NoColumn<"knd" | "nu", "things">>;
      readonly notOpened: Wrong<NoColumn<"xtra", "things">>;
      readonly notNumbered: Wrong<NoColumn<"knd", "things">>;
      readonly notKept: Wrong<NoColumn<"nu", "things">>;
      readonly notNumberedEach: Wrong<NoColumn<"item.mad" | "row.place", "things">>;
      readonly ofItself: unknown;
      readonly ofEachOther: unknown;
      readonly ofIt: unknown;
      readonly notNamed: Wrong<NoColumn<"lable", "notNamed">>;
      readonly notInherited: Wrong<NoColumn<"hd" | "nu", "notInherited">>;
      readonly notParted: Wrong<NoColumn<"lable", "notParted">>;
      readonly right: unknown;
      readonly rightEach: unknown;
      readonly rightOpened: unknown;
    };
    readonly references?: {
      readonly kind: Wrong<NoColumn<"cod" | "say", "kinds">>;
      readonly sort: Wrong<"“sorts” is no table of the source.">;
      readonly part: Wrong<NoColumn<"prt", "kinds">>;
      readonly right: unknown;
    };
  }>();
});

it("B5 of several kinds of things each is held against the tables that it is read from", () => {
  const thing = entity("thing", {
    from: ["things", "kinds"],
    fields: { code: text("code") },
    decide: {},
    actions: { thing: insert("belongings", { label: "code" }) },
    plan: [commit("thing")],
  });
  // @ts-expect-error “code” is no column of “things”
  defineMigration({ ...own, source, entities: [thing] });
  type Said = CheckedSeveral<{ source: typeof source; entities: readonly [typeof thing] }>;
  expectTypeOf<Said["entities"][0]["fields"]["code"]>().toEqualTypeOf<
    Wrong<"“code” is no column of “things”.">
  >();
});
