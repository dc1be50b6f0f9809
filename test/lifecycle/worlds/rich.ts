import {
  birthDate,
  boolean,
  choice,
  commit,
  createdAt,
  date,
  decimal,
  defineMigration,
  email,
  hold,
  insert,
  integer,
  integerKey,
  is,
  json,
  label,
  linked,
  mapped,
  match,
  missing,
  name,
  noted,
  otherwise,
  people,
  phone,
  present,
  reference,
  referenced,
  status,
  table,
  text,
  timestamp,
  uuid,
  when,
} from "../../../lib/define/builders.ts";

const columns = [
  ...[
    "full",
    "maiden",
    "guardian",
    "mobile",
    "landline",
    "mail",
    "work_mail",
    "born",
    "partner_born",
  ],
  ...[
    "made",
    "state",
    "pay_state",
    "city",
    "club",
    "room",
    "badge",
    "score",
    "balance",
    "active",
    "token",
  ],
  ...["extra", "joined", "seen", "level", "remark"],
];

/** Several of every kind: names, phones, e-mails, birth dates, statuses, references by name and by code. */
export const rich = defineMigration({
  name: "rich",
  title: "People of a club",
  connection: "old-club",
  source: {
    persons: table(integerKey("no"), ...columns),
    cities: table(integerKey("id"), "title"),
    clubs: table(integerKey("id"), "title"),
    rooms: table(integerKey("id"), "code", "club_id"),
    badges: table(integerKey("id"), "code"),
  },
  references: {
    city: {
      kind: "by_name",
      from: "cities",
      id: "id",
      label: "title",
      platform: { table: "towns", id: "id", label: "title" },
      suggestFrom: 0.6,
      staging: { table: "rich_cities", id: "city", label: "title", target: "town_id" },
    },
    club: {
      kind: "by_name",
      from: "clubs",
      id: "id",
      label: "title",
      platform: { table: "houses", id: "id", label: "title" },
      suggestFrom: 0.6,
      staging: { table: "rich_clubs", id: "club", label: "title", target: "house_id" },
    },
    room: {
      kind: "by_code",
      from: "rooms",
      id: "id",
      code: "code",
      parent: { reference: "club", column: "club_id" },
      placeholder: { ids: [9], codeContains: ["waiting"] },
      platform: { table: "halls", id: "id", code: "code", parent: "house_id" },
      staging: { table: "rich_rooms", id: "room", code: "code", target: "hall_id" },
    },
    badge: {
      kind: "by_code",
      from: "badges",
      id: "id",
      code: "code",
      platform: { table: "emblems", id: "id", code: "code" },
      staging: { table: "rich_badges", id: "badge", code: "code", target: "emblem_id" },
    },
  },
  entity: {
    from: ["persons"],
    fields: {
      full_name: name("full"),
      maiden_name: name("maiden"),
      guardian: name("guardian"),
      mobile: phone("mobile", { region: "GB", shared: { rows: 3, names: 2 } }),
      landline: phone("landline", { region: "GB" }),
      mail: email("mail", { placeholders: [] }),
      work_mail: email("work_mail", { placeholders: [], sharedBy: 3 }),
      born: birthDate("born"),
      partner_born: birthDate("partner_born", { format: "dd.MM.yyyy" }),
      made: createdAt("made", { format: "dd/MM/yyyy HH:mm" }),
      state: status("state"),
      pay_state: status("pay_state"),
      city: reference("city", "city"),
      club: reference("club", "club"),
      room: reference("room", "room"),
      badge: reference("badge", "badge"),
      score: integer("score", { least: 0, most: 100 }),
      balance: decimal("balance", { decimal: ",", group: "." }),
      active: boolean("active", { yes: ["Y"], no: ["N"] }),
      token: uuid("token"),
      extra: json("extra"),
      joined: date("joined", { format: "unix", since: "2000-01-01", until: "2030-01-01" }),
      seen: timestamp("seen", { zone: "Europe/London" }),
      level: choice("level", { A: "first", B: "second" }),
      remark: text("remark", { lines: true, longest: 20 }),
    },
    validate: [
      { id: "shared", says: "A contact is shared.", when: noted("phone_shared"), verdict: "note" },
      {
        id: "score",
        says: "The score is odd.",
        when: noted("score_out_of_bounds"),
        verdict: "note",
      },
      { id: "young", says: "Nobody.", when: missing("full_name"), verdict: "failed" },
    ],
    decide: {
      // Written before what it looks at: the order follows from the looking.
      treatment: [
        { is: "left", when: is("classification", "guest") },
        { is: "kept", when: otherwise },
      ],
      classification: [
        { is: "payer", when: is("pay_state", "paid") },
        { is: "member", when: is("state", "in") },
        { is: "guest", when: otherwise },
      ],
      place: [
        { is: "room", when: referenced("room", "confirmed") },
        { is: "waiting", when: referenced("room", "placeholder") },
        { is: "badge", when: referenced("badge", "confirmed") },
        { is: "nowhere", when: otherwise },
      ],
    },
    match: match(
      [
        people({ in: "patrons", name: "title", birthDate: "born" }),
        people({ in: "subscribers", email: "address" }),
      ],
      { onePerPerson: ["member"] },
    ),
    actions: {
      visitor: insert(
        "visitors",
        {
          title: "full_name",
          mobile: "mobile",
          landline: "landline",
          mail: "mail",
          work_mail: "work_mail",
          partner_born: "partner_born",
          town_id: mapped("city"),
          hall_id: mapped("room"),
          emblem_id: mapped("badge"),
          house: label("club"),
          patron_id: linked("patrons"),
          score: "score",
          balance: "balance",
          active: "active",
          token: "token",
          extra: "extra",
          joined: "joined",
          seen: "seen",
          level: "level",
          remark: "remark",
          made: "made",
          place: "place",
          legacy_no: "legacy_id",
        },
        { identity: ["legacy_no"] },
      ),
      ghost: insert("ghosts", { title: "full_name" }, { importedAs: "ghost_id" }),
    },
    plan: [
      when(is("active", "no"), hold("not_active")),
      when(is("treatment", "left"), commit("ghost")),
      when(present("full_name"), commit("visitor")),
    ],
  },
});

const row = (values: Readonly<Record<string, string>>) =>
  [values.no, ...columns.map((column) => values[column] ?? "")]
    .map((value) => `"${(value ?? "").replaceAll('"', '""')}"`)
    .join(",");

export const richFiles = {
  cities: ["id,title", "1,Leeds", "2,Yorck"],
  clubs: ["id,title", "1,North", "2,South"],
  rooms: ["id,code,club_id", "1,N-1,1", "2,S-1,1", "9,N-9,1", "4,waiting list,2"],
  badges: ["id,code", "1,gold star", "2,unknown"],
  persons: [
    `no,${columns.join(",")}`,
    row({
      no: "1",
      full: "Ada Okafor",
      maiden: "Ada Bello",
      guardian: "Chidi Okafor",
      mobile: "07911 123001",
      landline: "020 7946 0018",
      mail: "ada@mail.example",
      work_mail: "ada@work.example",
      born: "1990-05-12",
      partner_born: "01.02.1989",
      made: "01/02/2019 10:30",
      state: "in",
      pay_state: "paid",
      city: "1",
      club: "1",
      room: "1",
      badge: "1",
      score: "42",
      balance: "1.234,50",
      active: "Y",
      token: "{7F3A0000-0000-4000-8000-00000000CA01}",
      extra: '{"shoe": 12345678901234567890}',
      joined: "1551693072",
      seen: "2024-07-15 12:30:00",
      level: "A",
      remark: "likes\r\ntea",
    }),
    row({
      no: "2",
      full: "Ben Hughes",
      state: "in",
      mail: "ben@mail.example",
      club: "2",
      room: "9",
    }),
    row({ no: "3", full: "Cara Jones", state: "out", landline: "020 7946 0018" }),
    row({ no: "4", full: "Dev Singh", state: "in", active: "N" }),
    row({ no: "5", full: "Ewa Nowak", state: "in", work_mail: "ben@mail.example" }),
    row({ no: "6", full: "Finn Murphy", state: "in", extra: '{"a": "\\u0000"}' }),
    row({ no: "7", full: "Gwen Davies", state: "in", score: "101" }),
    row({ no: "8", full: "Hal Price", state: "in", room: "x", badge: "1" }),
    row({ no: "9", full: "Priya Patel", state: "in", born: "1985-01-02" }),
    row({ no: "10", full: "Kim Lee", state: "in", mail: "kim@mail.example" }),
    row({ no: "11", full: "", state: "in" }),
    row({ no: "12", full: "Mia Wong", state: "in", seen: "2024-03-31 01:30:00" }),
    row({
      no: "13",
      full: "Ned Stark",
      state: "in",
      mobile: "07911 123013",
      landline: "020 7946 0999 / 07911 123013",
    }),
  ],
};

export const richPlatform = `
create table towns (id bigint primary key, title text);
create table houses (id bigint primary key, title text);
create table halls (id bigint primary key, code text, house_id bigint references houses);
create table emblems (id bigint primary key, code text);
create table patrons (id bigint primary key, title text, born date);
create table subscribers (id bigint primary key, address text);
create table visitors (
  id bigint generated by default as identity primary key,
  title text not null, mobile text, landline text, mail text, work_mail text, partner_born date,
  town_id bigint, hall_id bigint, emblem_id bigint, house text, patron_id bigint, score int, balance numeric(12, 2),
  active boolean, token uuid, extra jsonb, joined date, seen timestamptz, level text, remark text,
  made timestamp, place text, legacy_no bigint unique);
create table ghosts (id bigint generated by default as identity primary key, title text);
insert into towns values (1, 'Leeds'), (2, 'York');
insert into houses values (1, 'North'), (2, 'South');
insert into halls values (1, 'N-1', 1), (2, 'S-1', 2), (9, 'N-9', 1);
insert into emblems values (1, 'gold star');
insert into patrons values (1, 'Priya Patel', '1985-01-02');
insert into subscribers values (1, 'kim@mail.example');
`;
