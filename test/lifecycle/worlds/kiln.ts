import {
  boolean,
  choice,
  commit,
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
  json,
  list,
  lower,
  missing,
  name,
  need,
  noted,
  of,
  onlyEarlier,
  onlyMissing,
  phone,
  present,
  ref,
  refers,
  same,
  table,
  text,
  timestamp,
  update,
  uuid,
  when,
} from "../../../lib/define/builders.ts";

/** A ceramics studio: a PostgreSQL in a schema of its own into one in another, arrays, JSON, partitions, and members who are there. */
export const kiln = defineMigration({
  name: "kiln",
  title: "Kiln House: makers and their firings",
  connection: "legacy",
  source: {
    "Kiln House.Makers": table(
      ...([
        "MakerId",
        "FullName",
        "E-Mail",
        "Mobile",
        "Tier",
        "Skills",
        "Visits",
        "Profile",
      ] as const),
      ...["JoinedAt", "Postcode", "Active"],
    ),
    "Kiln House.Firings": table(
      ["KilnNo", "FiredAt", "Shelf"],
      ...["Maker", "Cone", "TopTemp", "Load_g", "Pieces", "Glazes"],
    ),
  },
  refersTo: [refers("Bookings(member)", "Members(id)")],
  effects: { "Members.touch": harmless("Says when a member was changed.") },
  entities: [
    entity("maker", {
      from: ["Kiln House.Makers"],
      fields: {
        full_name: name("FullName"),
        mail: email("E-Mail", { placeholders: ["studio@kiln.example"] }),
        mobile: phone("Mobile", { region: "GB" }),
        tier: choice("Tier", { Monthly: "monthly", Resident: "resident", "Drop-in": "casual" }),
        skills: list("Skills"),
        visits: list("Visits"),
        profile: json("Profile"),
        joined: timestamp("JoinedAt", { zone: "UTC" }),
        postcode: text("Postcode"),
        active: boolean("Active", { yes: ["t"], no: ["f"] }),
      },
      validate: [
        {
          id: "mail_is_the_studios",
          says: "The mail is the studio's own.",
          when: noted("email_placeholder"),
          verdict: "note",
        },
        {
          id: "tier_unknown",
          says: "The tier is none of the platform's.",
          when: noted("tier_unlisted"),
          verdict: "note",
        },
      ],
      decide: {},
      is: [same({ legacyNo: "legacy_id" }), same({ Email: lower("mail") })],
      there: update({
        Phone: "mobile",
        Membership: "tier",
        skills: "skills",
        visits: "visits",
        joinedAt: onlyEarlier("joined"),
        legacyNo: onlyMissing("legacy_id"),
      }),
      actions: {
        maker: insert(
          "Members",
          {
            DisplayName: "full_name",
            Email: "mail",
            Phone: "mobile",
            Membership: "tier",
            skills: "skills",
            visits: "visits",
            profile: "profile",
            joinedAt: "joined",
            Postcode: "postcode",
            active: "active",
            legacyNo: "legacy_id",
          },
          { id: drawn("id") },
        ),
      },
      plan: [
        when(missing("full_name"), fail("name_missing")),
        when(missing("tier"), hold("tier_unknown")),
        commit("maker"),
      ],
    }),
    entity("firing", {
      from: ["Kiln House.Firings"],
      fields: {
        kiln: integer("KilnNo"),
        fired: timestamp("FiredAt", { zone: "UTC" }),
        shelf: text("Shelf"),
        maker_id: uuid("Maker"),
        cone: choice("Cone", { "06": "06", "6": "6", "10": "10" }),
        top: decimal("TopTemp", { most: 1300 }),
        load: decimal("Load_g"),
        pieces: integer("Pieces"),
        glazes: list("Glazes"),
      },
      refs: { maker: ref("maker", "maker_id", { optional: true }) },
      validate: [
        {
          id: "cone_unknown",
          says: "The cone is none of the platform's.",
          when: noted("cone_unlisted"),
          verdict: "failed",
        },
      ],
      decide: {},
      is: [same({ kiln: "kiln", firedAt: "fired", shelf: "shelf" })],
      actions: {
        firing: insert(
          "Firings",
          {
            kiln: "kiln",
            firedAt: "fired",
            shelf: "shelf",
            member: of("maker"),
            cone: "cone",
            topC: "top",
            loadG: "load",
            pieces: "pieces",
            glazes: "glazes",
          },
          { id: "no" },
        ),
      },
      plan: [
        when(is("validation_status", "failed"), hold("cone_unknown")),
        when(present("maker_id"), need("maker", hold("maker_missing"))),
        commit("firing"),
      ],
    }),
  ],
});

const maker = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

/** What it reads, and who reads it: a domain, an enumeration, generated columns, and a table in parts. */
export const kilnLegacy = (reader: string): string => `
  create schema "Kiln House";
  create type "Kiln House"."Tier" as enum ('Drop-in', 'Monthly', 'Resident', 'Guest');
  create domain "Kiln House".postcode as text check (value ~ '^[A-Z0-9 ]{3,9}$');
  create table "Kiln House"."Makers" (
    "MakerId" uuid primary key, "FullName" text, "E-Mail" text, "Mobile" varchar(30), "Tier" "Kiln House"."Tier" not null,
    "Skills" text[], "Visits" int[], "Profile" jsonb, "JoinedAt" timestamptz, "Postcode" "Kiln House".postcode,
    "Initials" text generated always as (left("FullName", 1)) stored, "Active" boolean);
  insert into "Kiln House"."Makers" ("MakerId", "FullName", "E-Mail", "Mobile", "Tier", "Skills", "Visits", "Profile", "JoinedAt", "Postcode", "Active") values
    ('${maker(1)}', 'Ada O''Brien', 'ada@mail.example', '07911 100001', 'Monthly', '{throwing,"glaze \\"raku\\"","a,b"}', '{3,1}', '{"a": [1.50, null]}', '2023-03-26 02:30:00.5+01', 'BS1 5TY', true),
    ('${maker(2)}', 'Bruno Ødegård', 'BRUNO@mail.example', null, 'Resident', '{}', '{7}', null, '2023-05-01 00:00:00+00', null, false),
    ('${maker(3)}', 'Çelik Łuczak', 'studio@kiln.example', '07911 100003', 'Drop-in', null, '{}', '[]', null, null, null),
    ('${maker(4)}', null, null, null, 'Monthly', null, null, null, null, null, true),
    ('${maker(5)}', 'Dóra Smith', null, null, 'Guest', null, null, null, null, null, true),
    ('${maker(6)}', 'Elif Known', 'elif@mail.example', null, 'Monthly', '{wedging}', '{9}', null, '2024-01-01 00:00:00+00', null, true);
  create table "Kiln House"."Firings" (
    "KilnNo" int not null, "FiredAt" timestamptz not null, "Shelf" text not null, "Maker" uuid, "Cone" text, "TopTemp" numeric(6, 1),
    "TopTempF" numeric(6, 1) generated always as ("TopTemp" * 9 / 5 + 32) stored, "Load_g" numeric(8, 1), "Pieces" int, "Glazes" text[],
    primary key ("KilnNo", "FiredAt", "Shelf")) partition by range ("FiredAt");
  create table "Kiln House"."Firings_2024" partition of "Kiln House"."Firings" for values from ('2024-01-01') to ('2025-01-01');
  create table "Kiln House"."Firings_2025" partition of "Kiln House"."Firings" for values from ('2025-01-01') to ('2026-01-01');
  insert into "Kiln House"."Firings" ("KilnNo", "FiredAt", "Shelf", "Maker", "Cone", "TopTemp", "Load_g", "Pieces", "Glazes") values
    (1, '2024-11-03 05:30:00.123456+00', 'top', '${maker(1)}', '06', 999.5, 1200.4, 3, '{celadon,tenmoku}'),
    (1, '2025-01-02 05:30:00+00', 'top', '${maker(2)}', '6', 1222, null, 0, null),
    (2, '2025-01-02 05:30:00+00', 'top', null, '10', 1280, 1, 1, '{}'),
    (2, '2025-01-03 05:30:00+00', 'low', '${maker(5)}', '10', 1280, 1, 1, null),
    (2, '2025-01-04 05:30:00+00', 'low', '${maker(1)}', '04', 1060, 1, 1, null),
    (3, '2025-01-04 05:30:00+00', 'low', '${maker(1)}', '6', 1222, 1, 1, null);
  revoke create on schema public from public;
  grant usage on schema "Kiln House" to ${reader};
  grant select on all tables in schema "Kiln House" to ${reader}`;

/** Its platform, in a schema that every session of it finds. */
export const kilnPlatform = `
  create schema "Studio";
  do $$ begin execute format('alter database %I set search_path = "Studio", public', current_database()); end $$;
  set search_path = "Studio", public;
  create type "Membership" as enum ('casual', 'monthly', 'resident');
  create domain postcode as varchar(8) check (value = upper(value));
  create domain figures as int[];
  create table "Members" (
    id uuid primary key default gen_random_uuid(), "DisplayName" text not null check (length("DisplayName") between 1 and 80),
    "Email" text unique, "Phone" text, "Membership" "Membership" not null default 'casual', skills text[] not null default '{}',
    visits figures, profile jsonb, "joinedAt" timestamptz, "Postcode" postcode, active boolean not null default true, "legacyNo" uuid unique,
    touched int not null default 0);
  create function touch() returns trigger language plpgsql as $$ begin new.touched := old.touched + 1; return new; end $$;
  create trigger touch before update on "Members" for each row execute function touch();
  create table "Firings" (
    no bigint generated always as identity primary key, kiln int not null, "firedAt" timestamptz not null, shelf text not null,
    member uuid references "Members", cone text not null check (cone in ('06', '6', '10')), "topC" numeric(6, 1) check ("topC" < 1400),
    "loadG" numeric(8, 1), pieces int not null, glazes jsonb, unique (kiln, "firedAt", shelf));
  create table "Bookings" (id bigint primary key, member uuid references "Members");
  insert into "Members" ("DisplayName", "Email", "Membership", skills, visits, "legacyNo", "joinedAt") values
    ('Bruno', 'bruno@mail.example', 'monthly', '{old}', null, null, '2024-01-01'),
    ('Elif', null, 'casual', '{"a b",c}', '{1,2}', '${maker(6)}', '2020-01-01');
  insert into "Firings" (kiln, "firedAt", shelf, cone, pieces) values (3, '2025-01-04 05:30:00+00', 'low', '6', 3);`;
