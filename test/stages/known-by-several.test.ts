import { describe, expect, it } from "vitest";
import {
  commit,
  decimal,
  defineMigration,
  entity,
  insert,
  kept,
  need,
  of,
  ref,
  same,
  skip,
  table,
  text,
} from "../../lib/define/builders.ts";
import { csvServices } from "../support/csv-services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000f0e03";

/** Blocks that are known by two columns, and flats, which take what their block holds. */
const street = defineMigration({
  name: "street",
  title: "Blocks and flats",
  connection: "old-street",
  source: { blocks: table("no", "street", "nr", "beds"), flats: table("no", "block") },
  entities: [
    entity("block", {
      from: ["blocks"],
      fields: { street: text("street"), nr: text("nr"), beds: decimal("beds") },
      decide: {},
      actions: {
        block: insert("blocks", { beds: "beds" }, { id: kept({ street: "street", nr: "nr" }) }),
      },
      is: [same({ street: "street", nr: "nr" })],
      plan: [commit("block")],
    }),
    entity("flat", {
      from: ["flats"],
      fields: { block: text("block") },
      refs: { block: ref("block", "block") },
      decide: {},
      actions: { flat: insert("flats", { zone: of("block", "zone") }) },
      plan: [need("block", skip("block_missing")), commit("flat")],
    }),
  ],
});

describe("B6 a row above that is known by several columns", () => {
  it("is the one of which all of them agree", async () => {
    const own = await csvServices(
      street,
      `create table blocks (street text, nr text, zone text, beds int, primary key (street, nr));
       create table flats (id bigint generated always as identity primary key, zone varchar(3));
       insert into blocks values ('Elm', '1', 'LONG'), ('Elm', '2', 'N'), ('Oak', '1', 'N'), ('Oak', '2', 'LONG')`,
      {
        blocks: ["no,street,nr,beds", "1,Elm,1,", "2,Elm,2,", "3,Oak,1,", "4,Oak,2,"],
        flats: ["no,block", "1,1", "2,2", "3,3", "4,4"],
      },
    );
    await reviewedRun(own, run);
    expect(
      await own.query(
        "select concat_ws(' ', legacy_id, planned, coalesce(state_detail, state_reason)) as says from wavegate.street_flat order by legacy_id",
      ),
    ).toEqual(
      [
        "1 hold flats.zone holds 3 characters",
        "2 commit",
        "3 commit",
        "4 hold flats.zone holds 3 characters",
      ].map((says) => ({ says })),
    );
    await own.close();
  });
});
