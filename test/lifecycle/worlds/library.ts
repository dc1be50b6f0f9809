import {
  boolean,
  choice,
  commit,
  date,
  decimal,
  defineMigration,
  drawn,
  email,
  entity,
  fail,
  harmless,
  hold,
  insert,
  integer,
  is,
  kept,
  lower,
  mapped,
  missing,
  name,
  need,
  of,
  otherwise,
  phone,
  ref,
  reference,
  referenced,
  same,
  table,
  text,
  timestamp,
  update,
  when,
} from "../../../lib/define/builders.ts";

const loan = { card: text("Ausweis"), shelf: text("Regal"), no: integer("Nr"), day: date("am") };

/** A library that nobody here has met: odd names on both sides, keys of texts, of several columns, of UUIDs. */
export const library = defineMigration({
  name: "library",
  title: "Bibliothek: readers, copies, loans and fees",
  connection: "legacy",
  source: {
    Zweigstelle: table("Kürzel", "Name"),
    Leser: table(
      ...["Ausweis", "Nachname", "Vorname", "e-Mail", "Tel.", "group", "geboren", "Zweig"],
      ...["seit", 'Bemerkung "intern"', "gesperrt?"],
    ),
    Exemplar: table(["Regal", "Nr"], "Titel", "Preis (€)", "Zweig", "status"),
    Ausleihe: table(["Ausweis", "Regal", "Nr", "am"], "bis", "zurück"),
    Gebühr: table("Beleg", "Ausweis", "Regal", "Nr", "am", "Betrag", "bezahlt"),
  },
  references: {
    branch: {
      kind: "by_name",
      from: "Zweigstelle",
      id: "Kürzel",
      label: "Name",
      platform: { table: "Branch", id: "id", idType: "uuid", label: "displayName" },
      suggestFrom: 0.5,
      staging: {
        table: "library_branches",
        id: "branch_code",
        label: "branch_name",
        target: "mapped_branch_id",
      },
    },
  },
  effects: { "Patrons.Touch it": harmless("Counts how often a row was changed.") },
  entities: [
    entity("reader", {
      from: ["Leser"],
      fields: {
        full_name: name("Nachname", "Vorname"),
        mail: email("e-Mail", { placeholders: ["keine@biblio.example"] }),
        mobile: phone("Tel.", { region: "DE" }),
        group: choice("group", { adult: "regular", child: "young", Staff: "staff" }),
        born: date("geboren", { format: "dd.MM.yyyy" }),
        branch: reference("Zweig", "branch"),
        since: timestamp("seit", { zone: "Europe/Berlin" }),
        note: text('Bemerkung "intern"'),
        blocked: boolean("gesperrt?", { yes: ["1"], no: ["0"] }),
      },
      decide: {
        state: [
          { is: "bloqué", when: is("blocked", "yes") },
          { is: "actif", when: otherwise },
        ],
      },
      is: [same({ cardNo: "legacy_id" }), same({ "e-mail": lower("mail") })],
      there: update({ phone: "mobile", order: "group" }),
      actions: {
        reader: insert(
          "Patrons",
          {
            fullName: "full_name",
            "e-mail": "mail",
            phone: "mobile",
            order: "group",
            born: "born",
            branch_id: mapped("branch"),
            état: "state",
            memberSince: "since",
            'note "internal"': "note",
            cardNo: "legacy_id",
          },
          { id: drawn("patronId") },
        ),
      },
      plan: [
        when(missing("full_name"), fail("name_missing")),
        when(referenced("branch", "unmapped", "needs_review"), hold("branch_unmapped")),
        commit("reader"),
      ],
    }),
    entity("copy", {
      from: ["Exemplar"],
      fields: {
        shelf: text("Regal"),
        no: integer("Nr"),
        title: text("Titel"),
        price: decimal("Preis (€)", { decimal: "," }),
        branch: reference("Zweig", "branch"),
        select: choice("status", { da: "in", weg: "lost" }),
      },
      decide: {},
      is: [same({ shelf: "shelf", no: "no" })],
      actions: {
        copy: insert("items", {
          shelf: "shelf",
          no: "no",
          title: "title",
          price: "price",
          branch_id: mapped("branch"),
          select: "select",
        }),
      },
      plan: [commit("copy")],
    }),
    entity("loan", {
      from: ["Ausleihe"],
      fields: { ...loan, due: date("bis"), returned: date("zurück") },
      refs: { reader: ref("reader", "card"), copy: ref("copy", { shelf: "shelf", no: "no" }) },
      decide: {},
      actions: {
        loan: insert(
          "loans",
          { due: "due", returned: "returned" },
          { id: kept({ patron: of("reader"), item: of("copy"), lent_on: "day" }) },
        ),
      },
      plan: [
        need("reader", hold("reader_missing")),
        need("copy", hold("copy_missing")),
        commit("loan"),
      ],
    }),
    entity("fee", {
      from: ["Gebühr"],
      fields: {
        ...loan,
        amount: decimal("Betrag", { decimal: ",", least: 0 }),
        paid: boolean("bezahlt", { yes: ["j"], no: ["n"] }),
      },
      refs: { loan: ref("loan", { card: "card", shelf: "shelf", no: "no", day: "day" }) },
      decide: {},
      actions: {
        fee: insert(
          "Überfällig",
          {
            patron: of("loan", "patron"),
            item: of("loan", "item"),
            lent_on: of("loan", "lent_on"),
            amount: "amount",
            paid: "paid",
          },
          { id: kept({ receipt: "legacy_id" }) },
        ),
      },
      plan: [need("loan", hold("loan_missing")), commit("fee")],
    }),
  ],
});

export const libraryFiles: Readonly<Record<string, readonly string[]>> = {
  Zweigstelle: ["Kürzel,Name", "MIT,Mitte", "NORD,Nord", "ALT,Alte Mühle"],
  Leser: [
    'Ausweis,Nachname,Vorname,e-Mail,Tel.,group,geboren,Zweig,seit,"Bemerkung ""intern""",gesperrt?',
    'L-1,Müller,Anna,anna@mail.example,+49 30 90182001,adult,01.02.1950,MIT,2010-03-01 10:00:00,"said ""x""",0',
    "ä 2,O'Neill,Björn,BEN@mail.example,+49 30 90182002,child,02.02.2011,NORD,2011-03-02 10:00:00,,0",
    "L-3,Šimić,Émile,keine@biblio.example,,Staff,,MIT,,,1",
    "L-4,,,,,adult,,MIT,,,0",
  ],
  Exemplar: [
    "Regal,Nr,Titel,Preis (€),Zweig,status",
    'R1,1,Buch – „Eins“,"1,50",MIT,da',
    'R1,2,Zwei,"2,50",NORD,weg',
    "R2,1,Drei,gratis,MIT,da",
    'R3,1,Vier,"1,50",ALT,da',
  ],
  Ausleihe: [
    "Ausweis,Regal,Nr,am,bis,zurück",
    "L-1,R1,1,2023-01-01,2023-02-01,",
    "L-1,R1,2,2023-01-02,2023-02-01,2023-01-09",
    "ä 2,R1,1,2023-03-01,2023-04-01,",
    "L-1,R2,1,2023-05-01,2023-06-01,",
    "nobody,R1,1,2023-05-01,2023-06-01,",
  ],
  Gebühr: [
    "Beleg,Ausweis,Regal,Nr,am,Betrag,bezahlt",
    'G/1,L-1,R1,1,2023-01-01,"0,50",j',
    'G/2,ä 2,R1,1,2023-03-01,"1,50",',
    'G/3,nobody,R1,1,2023-05-01,"1,50",n',
  ],
};

/**
 * Its platform: a trigger, an enumeration, a generated column, keys that point at several columns, and domains that take
 * no null, one upon another, one by its condition: in the tables' keys, beside them, and where a branch is named.
 */
export const libraryPlatform = `
  create domain stamp as text default 'made' not null;
  create domain own_stamp as stamp;
  create domain branch_key as uuid check (value is not null);
  create domain receipt_no as text not null;
  create type "patron_Tier" as enum ('regular', 'young', 'staff');
  create table "Branch" (id uuid primary key default gen_random_uuid(), "displayName" text not null unique);
  create table "Patrons" (
    "patronId" uuid primary key default gen_random_uuid(), "fullName" varchar(120) not null, "e-mail" text unique,
    phone text, "order" "patron_Tier" not null default 'regular', born date check (born > '1900-01-01'),
    branch_id uuid references "Branch", "état" text check ("état" in ('actif', 'bloqué')), "memberSince" timestamptz,
    "note ""internal""" text, "cardNo" text unique, initials text generated always as (left("fullName", 1)) stored,
    touched int not null default 0, updated_at timestamptz not null default clock_timestamp(), "kept by" own_stamp);
  create function touch() returns trigger language plpgsql as $$ begin new.touched := old.touched + 1; return new; end $$;
  create trigger "Touch it" before update on "Patrons" for each row execute function touch();
  create table items (
    id bigint generated always as identity primary key, shelf text not null, no int not null, title text not null,
    price numeric(8, 2), branch_id branch_key references "Branch", "select" text not null, "kept by" stamp, unique (shelf, no));
  create table loans (
    patron uuid references "Patrons", item bigint references items, lent_on date, due date not null, returned date,
    "Offen" boolean generated always as (returned is null) stored, "kept by" own_stamp, primary key (patron, item, lent_on));
  create table "Überfällig" (
    receipt receipt_no primary key, patron uuid not null, item bigint not null, lent_on date not null,
    amount numeric(6, 2) not null, paid boolean, "kept by" own_stamp, foreign key (patron, item, lent_on) references loans);
  insert into "Branch" ("displayName") values ('Mitte'), ('Nord');
  insert into "Patrons" ("fullName", "e-mail") values ('O''Neill Björn', 'ben@mail.example');`;
