import { describe, expect, it } from "vitest";
import { usedColumns } from "../../lib/compile/pin/used-columns.ts";
import { partFrom } from "../../lib/compile/staging/made-rows.ts";
import {
  all,
  commit,
  defineMigration,
  earliest,
  entity,
  firstBy,
  flag,
  grouped,
  highest,
  insert,
  is,
  joined,
  latest,
  list,
  listBy,
  name as nameOf,
  numbered,
  onlyUpwards,
  otherThan,
  placed,
  present,
  said,
  same,
  skip,
  table,
  template,
  text,
  textBy,
  thereIs,
  timestamp,
  total,
  update,
  when,
} from "../../lib/define/builders.ts";
import { momentReader } from "../../lib/normalize/moment.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";

const source = {
  visits: table("no", "person", "day", "role"),
  rooms: table(["room", "person"], "floor"),
  pairs: joined("visits", { room: { table: "rooms", on: { person: "person" }, each: true } }),
  people: grouped("pairs", {
    by: ["person"],
    where: present("day"),
    values: { role: highest("role", ["guest", "host"]), first: earliest("day") },
  }),
};
const person = {
  from: ["people"],
  fields: { role: text("group.role"), first: timestamp("group.first", { zone: "UTC" }) },
  decide: {},
  actions: { person: insert("people", { role: "role", since: "first" }) },
};
/** A migration with these parts of its people. */
const faults = (more: object, own: object = {}, groups: object = {}) =>
  definitionFaults(
    defineMigration({
      name: "house",
      title: "A house",
      connection: "legacy",
      source: { ...source, ...groups },
      ...own,
      entities: [
        entity("material", {
          from: ["visits", "rooms"],
          fields: {},
          decide: {},
          actions: {},
          plan: [skip("part_of_others")],
        }),
        entity("pair", {
          from: ["pairs"],
          fields: {
            role: text("role"),
            day: timestamp("day", { zone: "UTC" }),
            wall: timestamp("day"),
          },
          decide: {},
          actions: {},
          plan: [skip("part_of_others")],
        }),
        entity("person", { ...person, plan: [commit("person")], ...more }),
      ],
    } as never),
  );

describe("B5 what groups have of the fields of their rows, and rows of several partners", () => {
  it("is sound where every name is something, and tells each row by its partner", () => {
    expect(faults({})).toEqual([]);
    const whole = defineMigration({
      name: "house",
      title: "A house",
      connection: "legacy",
      source,
      entity: { ...person, plan: [commit("person")] },
    });
    expect(whole.source.pairs?.key).toEqual(["no", "room.pair"]);
    expect(whole.source.pairs?.columns.slice(-2)).toEqual(["room.pair", "room.first"]);
    // Of a partner what it is found and told apart by, and what of it is used; which pair it is, is no column of it.
    const used = defineMigration({
      name: "house",
      title: "A house",
      connection: "legacy",
      source: { ...source, rooms: table(["room", "person"], "floor", "size") },
      entity: {
        from: ["pairs"],
        fields: { pair: text("room.pair"), first: text("room.first"), floor: text("room.floor") },
        decide: {},
        actions: { person: insert("people", { floor: "floor" }) },
        plan: [commit("person")],
      },
    });
    expect([...usedColumns(used, "rooms")].sort()).toEqual(["floor", "person", "room"]);
  });

  it.each([
    [{ where: present("dya") }, /A group looks at “dya”, which is not known there/u],
    [
      { values: { x: earliest("wall") } },
      /orders its rows by “wall”, which is no timestamp with a zone/u,
    ],
    [{ values: { x: highest("rol", ["a"]) } }, /asks for “rol”, which is no field of “pair”/u],
    [{ values: { x: latest("dya") } }, /orders its rows by “dya”, which is no timestamp with/u],
    [{ values: { x: firstBy("dya", "role") } }, /orders its rows by “dya”/u],
    [{ values: { x: firstBy("day", "rol") } }, /asks for “rol”, which is no field of “pair”/u],
    [{ values: { x: listBy("dya", { of: "role" }) } }, /orders its rows by “dya”/u],
    [{ values: { x: listBy("day", { of: "rol" }) } }, /asks for “rol”, which is no field of/u],
    [
      { values: { x: textBy("role", "role") } },
      /by “role”, which is no number, date or timestamp/u,
    ],
    [{ values: { x: total("role") } }, /adds up “role”, which is no number/u],
    [{ values: { x: textBy("day", "rol") } }, /asks for “rol”, which is no field of “pair”/u],
    [{ where: all(present("day"), is("rol", "x")) }, /A group looks at “rol”, which is not known/u],
  ])("a group that asks for what is none says so: %j", (wrong, says) => {
    const people = grouped("pairs", { by: ["person"], ...wrong });
    expect(faults({}, {}, { people }).join("\n")).toMatch(says);
  });
});

it("B5 of rows that no kind of things is read from nothing is made", () => {
  const spare = { spare: table("no", "person"), extra: grouped("spare", { by: ["person"] }) };
  expect(faults({}, {}, spare).join("\n")).toContain(
    '“extra” is made of rows of “spare”, which no entity is read from: one that writes nothing will do, `actions: {}` and `plan: [skip("part_of_others")]`.',
  );
  const whole = defineMigration({
    name: "house",
    title: "A house",
    connection: "legacy",
    source: { ...source, ...spare },
    entity: { ...person, plan: [commit("person")] },
  });
  expect(partFrom(whole, "people").entity.from).toEqual(["people"]);
  expect(() => partFrom(whole, "spare")).toThrow("No entity is read from “spare”.");
});

it("B5 a column beside one whose name is computed, of which types see neither, is looked for all the same", () => {
  const computed: string = "day";
  const fields = {
    ...person.fields,
    who: nameOf(computed, "rol"),
    both: list(computed, "pserson"),
    text: template(`{${computed}}`, "{wall}"),
  };
  const said = faults({ fields });
  for (const [field, column] of [
    ["who", "rol"],
    ["both", "pserson"],
    ["text", "wall"],
  ])
    expect(said).toContain(
      `Of “person”: The field “${field}” is made from “${column}”, a column that “people” does not declare.`,
    );
});

it("B5 rows are numbered by what is known before they are, and not by their place", () => {
  const by = (...by: string[]) =>
    faults({}, {}, { placed: numbered(joined("pairs", {}), { within: ["role"], by }) });
  expect(by("day").join("\n")).not.toMatch(/“placed” asks/u);
  expect(by("row.place").join("\n")).toMatch(/“placed” asks for “row.place”, which no table/u);
});

describe("B2 what is asked of a row that is there, and of what was said of a run", () => {
  it.each([
    [
      { plan: [when(thereIs("status", "x"), skip("x")), commit("person")] },
      /of a row that is there, which is not known/u,
    ],
    [
      { plan: [when(said("again"), skip("x")), commit("person")] },
      /looks at “again”, which is no setting: there is force/u,
    ],
    [
      { plan: [when(otherThan("role", "onyl"), skip("x")), commit("person")] },
      /looks at “onyl”, which is no setting/u,
    ],
    [
      { plan: [when(otherThan("rloe", "force"), skip("x")), commit("person")] },
      /looks at “rloe”, which is not known there/u,
    ],
  ])("what is none is told: %#", (more, says) => {
    expect(faults(more, { settings: { force: flag("Whatever is there.") } }).join("\n")).toMatch(
      says,
    );
  });

  it("values of an update that go one way are sound", () => {
    const more = {
      is: [same({ role: "role" })],
      there: update({
        role: onlyUpwards("role", ["guest", "host"]),
        notes: placed(["a", "b"], "role"),
      }),
      plan: [
        when(thereIs("status", "gone"), skip("gone")),
        when(is("there_is", "several", "shared"), skip("x")),
        commit("person"),
      ],
    };
    expect(faults(more)).toEqual([]);
  });
});

describe("C3 seconds or ISO", () => {
  const read = momentReader({
    format: "unix or iso",
    zone: "UTC",
    since: "1990-01-01",
    until: "2038-01-18",
  });
  it.each([
    ["1700000000", "2023-11-14T22:13:20Z", null],
    [" 1700000000 ", "2023-11-14T22:13:20Z", null],
    ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z", null],
    ["2023-11-14 22:13:20+01", "2023-11-14T21:13:20Z", null],
    ["0", null, "out_of_bounds"],
    ["-1", null, "out_of_bounds"],
    ["20231114", null, "out_of_bounds"],
    ["2147483648", null, "out_of_bounds"],
    ["9007199254740993", null, "unreadable"],
    ["1.5", null, "unreadable"],
    ["last autumn", null, "unreadable"],
    ["", null, "missing"],
  ])("%j is %s %s", (raw, value, reason) => {
    expect(read(raw)).toEqual({ value, reason });
  });
});
