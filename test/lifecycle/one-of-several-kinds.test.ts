import { expect, it } from "vitest";
import {
  beside,
  boolean,
  commit,
  defineMigration,
  drawn,
  entity,
  hold,
  insert,
  integerKey,
  is,
  need,
  of,
  present,
  ref,
  referenced,
  skip,
  table,
  text,
  theirs,
  when,
} from "../../lib/define/builders.ts";
import type { PlanRule } from "../../lib/define/definition.ts";
import { partsOf } from "../../lib/define/several.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";

/** Notes, each about a gift or about a campaign, whichever has its number. */
const office = (plan: readonly PlanRule[]) =>
  defineMigration({
    name: "office",
    title: "An office",
    connection: "legacy",
    source: {
      gifts: table("no", "amount"),
      campaigns: table("no", "title"),
      notes: table(integerKey("no"), "about", "says"),
    },
    entities: [
      entity("gift", {
        from: ["gifts"],
        fields: { amount: text("amount") },
        decide: {},
        actions: { gift: insert("gifts", { amount: "amount" }, { id: drawn("id") }) },
        plan: [when(is("amount", "0"), skip("nothing")), commit("gift")],
      }),
      entity("campaign", {
        from: ["campaigns"],
        fields: { title: text("title") },
        decide: {},
        actions: { campaign: insert("campaigns", { title: "title" }) },
        plan: [commit("campaign")],
      }),
      entity("note", {
        from: ["notes"],
        fields: { about: text("about"), says: text("says") },
        refs: {
          gift: ref("gift", "about", { others: true }),
          campaign: ref("campaign", "about", { others: true }),
        },
        decide: {},
        actions: {
          note: insert(
            "notes",
            { gift_id: of("gift"), campaign_id: of("campaign"), says: "says" },
            { id: drawn("id") },
          ),
        },
        plan,
      }),
    ],
  } as never);

const platform = `
create table gifts (id uuid primary key default gen_random_uuid(), amount text);
create table campaigns (id bigint generated always as identity primary key, title text);
create table notes (id uuid primary key default gen_random_uuid(), gift_id uuid references gifts, campaign_id bigint references campaigns, says text,
  check (num_nonnulls(gift_id, campaign_id) <= 1))`;

const legacy = `
create table gifts (no text primary key, amount text);
create table campaigns (no text primary key, title text);
create table notes (no int primary key, about text, says text);
insert into gifts values ('G1', '10'), ('G2', '0'), ('X', '5');
insert into campaigns values ('C1', 'Spring'), ('X', 'Both');
insert into notes values (1, 'G1', 'of a gift'), (2, 'C1', 'of a campaign'), (3, null, 'of nothing'), (4, 'C9', 'of what is not there'),
  (5, 'G2', 'of one that is left out'), (6, 'X', 'of two')`;

it("B5 B6 R17 what a column names that may be of several kinds is found among each of them, and what is none of any of them is held", async () => {
  const test = await fromPostgres(office([commit("note")]), { platform, legacy });
  const run = "7f3a0000-0000-4000-8000-00000000f761";
  const before = await rowsOf(test, ["gifts", "campaigns", "notes"]);
  expect(await committed(test, run)).toEqual([]);
  expect(await stateOfEach(test, "office_note", run)).toEqual({
    1: "committed",
    2: "committed",
    3: "committed",
    4: "held names_nothing_known",
    5: "held waits_for_gift",
    6: "held refused_by_platform",
  });
  const written = await test.query<{ is: string }>(
    "select concat_ws('|', n.says, g.amount, c.title) as is from notes n left join gifts g on g.id = gift_id left join campaigns c on c.id = campaign_id order by 1",
  );
  expect(written.map(({ is: each }) => each)).toEqual([
    "of a campaign|Spring",
    "of a gift|10",
    "of nothing",
  ]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["gifts", "campaigns", "notes"])).toEqual(before);
  await test.close();
});

/** The same, of which a gift is told by its label, as the one of those of that label for which a receipt was written. */
const labelled = defineMigration({
  name: "labelled",
  title: "Gifts by their labels",
  connection: "legacy",
  source: {
    gifts: table("no", "label", "branch"),
    receipts: table("no", "branch", "label", "sent"),
    campaigns: table("no", "title"),
    notes: table(integerKey("no"), "about", "says"),
  },
  entities: [
    entity("gift", {
      from: ["gifts"],
      fields: { label: text("label"), branch: text("branch") },
      decide: {},
      actions: { gift: insert("gifts", { label: "label", branch: "branch" }, { id: drawn("id") }) },
      plan: [commit("gift")],
    }),
    entity("receipt", {
      from: ["receipts"],
      fields: {
        branch: text("branch"),
        label: text("label"),
        sent: boolean("sent", { yes: ["yes"], no: ["no"] }),
      },
      decide: {},
      actions: {
        receipt: insert("receipts", { branch: "branch", label: "label" }, { id: drawn("id") }),
      },
      plan: [commit("receipt")],
    }),
    entity("campaign", {
      from: ["campaigns"],
      fields: { title: text("title") },
      decide: {},
      actions: { campaign: insert("campaigns", { title: "title" }) },
      plan: [commit("campaign")],
    }),
    entity("note", {
      from: ["notes"],
      fields: { about: text("about"), says: text("says") },
      refs: {
        gift: ref(
          "gift",
          { label: "about" },
          {
            others: true,
            beside: [
              beside(
                "receipt",
                { branch: theirs("branch"), label: "about" },
                { is: { sent: "yes" } },
              ),
            ],
          },
        ),
        campaign: ref("campaign", "about", { others: true }),
      },
      decide: {},
      actions: {
        note: insert(
          "notes",
          { gift_id: of("gift"), campaign_id: of("campaign"), says: "says" },
          { id: drawn("id") },
        ),
      },
      plan: [commit("note")],
    }),
  ],
} as never);

it("B5 R17 what may be of several kinds is of the one that has what is to be beside it, and of none that has not", async () => {
  const test = await fromPostgres(labelled, {
    platform: `
create table gifts (id uuid primary key default gen_random_uuid(), label text, branch text);
create table receipts (id uuid primary key default gen_random_uuid(), branch text, label text);
create table campaigns (id bigint generated always as identity primary key, title text);
create table notes (id uuid primary key default gen_random_uuid(), gift_id uuid references gifts, campaign_id bigint references campaigns, says text)`,
    legacy: `
create table gifts (no text primary key, label text, branch text);
create table receipts (no text primary key, branch text, label text, sent text);
create table campaigns (no text primary key, title text);
create table notes (no int primary key, about text, says text);
insert into gifts values ('1', 'cup', 'north'), ('2', 'cup', 'south'), ('3', 'C1', 'north'), ('4', 'pen', 'north'), ('5', 'hat', 'north'), ('6', 'hat', 'south');
insert into receipts values ('1', 'south', 'cup', 'yes'), ('2', 'north', 'cup', 'no'), ('3', 'north', 'C1', 'no'), ('4', 'north', 'hat', 'yes'), ('5', 'south', 'hat', 'yes');
insert into campaigns values ('C1', 'Spring');
insert into notes values (1, 'cup', 'of the one with a receipt'), (2, 'C1', 'of a campaign'), (3, 'pen', 'of one without'),
  (4, 'C9', 'of what is not there'), (5, null, 'of nothing'), (6, 'hat', 'of either')`,
  });
  const run = "7f3a0000-0000-4000-8000-00000000f762";
  const before = await rowsOf(test, ["gifts", "receipts", "campaigns", "notes"]);
  expect(await committed(test, run)).toEqual([]);
  expect(await stateOfEach(test, "labelled_note", run)).toEqual({
    1: "committed",
    2: "committed",
    3: "held names_nothing_known",
    4: "held names_nothing_known",
    5: "committed",
    6: "held waits_for_gift",
  });
  expect(
    await test.query(
      "select concat_ws('|', n.says, g.branch, c.title) as is from notes n left join gifts g on g.id = gift_id left join campaigns c on c.id = campaign_id order by 1",
    ),
  ).toEqual(
    ["of a campaign|Spring", "of nothing", "of the one with a receipt|south"].map((is) => ({ is })),
  );
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["gifts", "receipts", "campaigns", "notes"])).toEqual(before);
  await test.close();
});

it("B5 a plan that asks for each of the kinds says itself what becomes of a row that names none", () => {
  const lines = (plan: readonly PlanRule[]) =>
    partsOf(office(plan))[2]?.entity.plan.filter(
      (line) => "hold" in line && line.hold === "names_nothing_known",
    ).length;
  const none = (name: "gift" | "campaign") => referenced(name, "none");
  expect(lines([need("gift", hold("gift_missing")), commit("note")])).toBe(1);
  expect(lines([when(none("gift"), skip("no_gift")), commit("note")])).toBe(1);
  expect(
    lines([
      when({ all: [present("about"), none("gift"), none("campaign")] }, skip("old")),
      commit("note"),
    ]),
  ).toBe(0);
});
