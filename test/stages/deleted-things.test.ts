import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import { pinReferences } from "../../lib/compile/shown/references.ts";
import { findRun } from "../../lib/data/runs.ts";
import {
  commit,
  defineMigration,
  hold,
  insert,
  is,
  mapped,
  not,
  nothing,
  reference,
  referenced,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import type { Value } from "../../lib/define/value.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { platformThings } from "../../lib/review/mappings/platform-things.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { approve, refusal, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d7";

const shiftsOf = (where: Readonly<Record<string, Value>>) =>
  defineMigration({
    name: "deleted-things",
    title: "Shifts",
    connection: "legacy",
    source: {
      shifts: table("no", "room", "city"),
      rooms: table("no", "code"),
      cities: table("no", "title"),
    },
    references: {
      room: {
        kind: "by_code",
        from: "rooms",
        id: "no",
        code: "code",
        platform: { table: "rooms", id: "id", code: "code", where },
        staging: { table: "shift_rooms", id: "room_no", code: "code", target: "room_id" },
      },
      city: {
        kind: "by_name",
        from: "cities",
        id: "no",
        label: "title",
        platform: { table: "cities", id: "id", label: "title", where },
        suggestFrom: 0.5,
        staging: { table: "shift_cities", id: "city_no", label: "title", target: "city_id" },
      },
    },
    entity: {
      from: ["shifts"],
      fields: {
        room: reference("room", "room"),
        city: reference("city", "city"),
        note: text("no"),
      },
      decide: {},
      actions: {
        shift: insert("shifts", {
          no: "legacy_id",
          room_id: mapped("room"),
          city_id: mapped("city"),
        }),
        bare: insert("shifts", { no: "legacy_id" }),
      },
      plan: [
        when(is("note", "5"), commit("bare")),
        when(not(referenced("room", "confirmed")), hold("room_unknown")),
        when(not(referenced("city", "mapped", "confirmed")), hold("city_unknown")),
        commit("shift"),
      ],
    },
  });

describe("M6 things that the platform took for deleted", () => {
  const shifts = shiftsOf({ deleted_at: nothing });
  let test: TestServices;
  let folder: { remove(): Promise<void> };
  const rows = () =>
    test.query(
      `select legacy_id as no, planned, coalesce(state_reason, planned_reason) as why, import_state as state
         from wavegate.${shifts.entity.staging.table} order by 1`,
    );

  beforeAll(async () => {
    test = await testServices({
      world: {
        migration: shifts,
        platform: [
          `create table rooms (id bigint primary key, code text, deleted_at timestamptz);
           create table cities (id bigint primary key, title text, deleted_at timestamptz);
           create table shifts (id bigserial primary key, no text, room_id bigint references rooms, city_id bigint references cities);
           insert into rooms values (1, 'A', '2020-01-01'), (2, 'A', null), (3, 'B', '2020-01-01'), (4, 'C', null);
           insert into cities values (1, 'Oran', null), (2, 'Oran', '2020-01-01'), (3, 'Ely', '2020-01-01'), (4, 'Ely Old Town', null);`,
        ],
        legacy: "",
      },
    });
    folder = await folderOf(test, {
      rooms: [["no", "code"], ...["A", "B", "C"].map((code) => [`r${code}`, code])],
      cities: [
        ["no", "title"],
        ["o", "Oran"],
        ["e", "Ely"],
      ],
      shifts: [
        ["no", "room", "city"],
        ["1", "rA", "o"],
        ["2", "rB", "o"],
        ["3", "rC", "o"],
        ["4", "rA", "e"],
        ["5", "rC", "e"],
      ],
    });
    await reviewedRun(test, run);
  });
  afterAll(async () => {
    await test?.close();
    await folder?.remove();
  });

  it("M5 M6 are none that a row refers to, and what is left of a name or a code is confirmed", async () => {
    const pending = { state: "pending" };
    expect(await rows()).toEqual([
      { no: "1", planned: "commit", why: null, ...pending },
      { no: "2", planned: "hold", why: "room_unknown", state: "held" },
      { no: "3", planned: "commit", why: null, ...pending },
      { no: "4", planned: "hold", why: "city_unknown", state: "held" },
      { no: "5", planned: "commit", why: null, ...pending },
    ]);
    expect(
      await test.query("select room_no, room_id::int, status from wavegate.shift_rooms order by 1"),
    ).toEqual([
      { room_no: "rA", room_id: 2, status: "confirmed" },
      { room_no: "rB", room_id: null, status: "needs_review" },
      { room_no: "rC", room_id: 4, status: "confirmed" },
    ]);
  });

  it("R8 are confirmed by nobody, and shown in no list of what a thing may be", async () => {
    const { sign } = test.services;
    const pinned = await findRun(sign, run);
    expect(
      await refusal(
        decideMappings(sign, pinned, "room", [{ id: "rB", confirm: true, target: 3 }], "approver"),
      ),
    ).toBe("UnknownTarget");
    const city = pinReferences(shifts).find(({ name }) => name === "city");
    expect(city && (await platformThings(sign, pinned, city, { find: "", limit: 9 }))).toEqual([
      { id: 4, label: "Ely Old Town" },
      { id: 1, label: "Oran" },
    ]);
  });

  it("D28 hold at their wave the rows that were to name one that was deleted since", async () => {
    await approve(test, run, "first_wave");
    await test.query("update rooms set deleted_at = now() where id = 4");
    const { written, verified } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ committed: 2, heldBack: 1 });
    expect(verified.passed).toBe(true);
    expect(await rows()).toMatchObject([
      { no: "1", state: "committed" },
      { no: "2", state: "held" },
      { no: "3", state: "held", why: "platform_changed_since_review" },
      { no: "4", state: "held" },
      // It is written with no room.
      { no: "5", state: "committed" },
    ]);
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
  });
});

it("M6 what is meant is told by what a column of the platform holds, not by a field", () => {
  expect(problemsOf(shiftsOf({ deleted_at: { staged: "note" } }))).toContain(
    "“room” says by “deleted_at” what is meant, and by what no row of the platform holds: it is `nothing` or a constant(…).",
  );
});
