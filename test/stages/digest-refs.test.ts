import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  derived,
  email,
  entity,
  hold,
  insert,
  need,
  of,
  present,
  ref,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d8";

/** People who are known by their addresses, which are staged as digests, who name each other and are named by letters. */
const club = defineMigration({
  name: "digest-refs",
  title: "Club",
  connection: "legacy",
  source: { people: table("mail", "host"), letters: table("no", "to") },
  entities: [
    entity("person", {
      from: ["people"],
      fields: { mail: email("mail", { placeholders: [] }), host: text("host") },
      refs: { host: ref("person", "host", { optional: true }) },
      decide: {},
      actions: {
        person: insert(
          "people",
          { mail: "mail_normalized", host_id: of("host") },
          { id: derived("id", "legacy_id") },
        ),
      },
      plan: [when(present("host"), need("host", hold("host_missing"))), commit("person")],
    }),
    entity("letter", {
      from: ["letters"],
      fields: { to: text("to") },
      refs: { person: ref("person", "to") },
      decide: {},
      actions: { letter: insert("letters", { no: "legacy_id", person_id: of("person") }) },
      plan: [need("person", hold("person_missing")), commit("letter")],
    }),
  ],
});

describe("M6 rows whose key says who somebody is, and is staged as its digest", () => {
  let test: TestServices;
  let folder: { remove(): Promise<void> };

  beforeAll(async () => {
    test = await testServices({
      world: {
        migration: club,
        platform: [
          `create table people (id uuid primary key, mail text, host_id uuid references people);
           create table letters (id bigserial primary key, no text, person_id uuid not null references people);`,
        ],
        legacy: "",
      },
    });
    folder = await folderOf(test, {
      people: [
        ["mail", "host"],
        ["Ann@x.example", "cy@x.example"],
        ["bo@x.example", "nobody@x.example"],
        ["cy@x.example", ""],
      ],
      letters: [
        ["no", "to"],
        ["1", "Ann@x.example"],
        ["2", "ann@x.example"],
        ["3", "bo@x.example"],
        ["4", "gone@x.example"],
        ["5", " cy@x.example "],
      ],
    });
    await reviewedRun(test, run);
  });
  afterAll(async () => {
    await test?.close();
    await folder?.remove();
  });

  it("M6 are found by what names them, to the letter as other keys are, by rows of their own kind too", async () => {
    expect(
      await test.query(
        `select mail_normalized as mail, legacy_id like 'key:%' as digest, planned, planned_reason as why, host_is as host
           from wavegate.digest_refs_person order by 1`,
      ),
    ).toEqual([
      { mail: "ann@x.example", digest: true, planned: "commit", why: null, host: "there" },
      { mail: "bo@x.example", digest: true, planned: "hold", why: "host_missing", host: "absent" },
      { mail: "cy@x.example", digest: true, planned: "commit", why: null, host: "none" },
    ]);
    expect(
      await test.query(
        `select legacy_id as no, planned, person_is as person from wavegate.digest_refs_letter order by 1`,
      ),
    ).toEqual([
      { no: "1", planned: "commit", person: "there" },
      { no: "2", planned: "hold", person: "absent" },
      { no: "3", planned: "hold", person: "waits" },
      { no: "4", planned: "hold", person: "absent" },
      { no: "5", planned: "commit", person: "there" },
    ]);
  });

  it("M6 are written before what names them, and taken back after it", async () => {
    await approve(test, run, "first_wave");
    const { written, verified } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ committed: 4 });
    expect(verified.passed).toBe(true);
    expect(
      await test.query(
        `select l.no, p.mail, h.mail as host from letters l join people p on p.id = l.person_id
           left join people h on h.id = p.host_id order by 1`,
      ),
    ).toEqual([
      { no: "1", mail: "ann@x.example", host: "cy@x.example" },
      { no: "5", mail: "cy@x.example", host: null },
    ]);
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    expect(await test.query("select from people union all select from letters")).toEqual([]);
  });
});
