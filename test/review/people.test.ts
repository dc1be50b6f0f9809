import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql } from "../../lib/data/sql.ts";
import { isSamePerson, wasEver } from "../../lib/evidence/same-person.ts";
import {
  addPerson,
  keepAddressesAsSent,
  listPeople,
  type Person,
  removePerson,
} from "../../lib/review/people/people.ts";
import { permissionsOf, requirePermission } from "../../lib/review/people/permissions.ts";
import { startWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

describe("people", () => {
  it("M14 hold the permissions they were given, and nobody else holds any", async () => {
    const { stage } = world.services;
    expect([...(await permissionsOf(stage, "vera"))]).toEqual(["legacy_imports.view"]);
    expect([...(await permissionsOf(stage, "nobody"))]).toEqual([]);
    await expect(requirePermission(stage, "vera", "legacy_imports.commit")).rejects.toMatchObject({
      name: "PermissionDenied",
    });
    await expect(requirePermission(stage, "VERA", "legacy_imports.view")).resolves.toMatchObject({
      name: "vera",
    });
  });

  it("M14 are added, changed and removed", async () => {
    const { administrator } = world;
    await addPerson(administrator, { name: "Samir", email: "samir@example.com", permissions: [] });
    await addPerson(administrator, {
      name: " samir ",
      email: "new@example.com",
      permissions: ["legacy_imports.run", "legacy_imports.view", "legacy_imports.run"],
    });
    expect((await listPeople(administrator)).filter(({ name }) => /samir/i.test(name))).toEqual([
      {
        name: "Samir",
        email: "new@example.com",
        permissions: ["legacy_imports.view", "legacy_imports.run"],
        known: ["samir@example.com"],
      },
    ]);
    await removePerson(administrator, "SAMIR");
    expect([...(await permissionsOf(administrator, "Samir"))]).toEqual([]);
    await expect(removePerson(administrator, "Samir")).rejects.toMatchObject({
      name: "UnknownPerson",
    });
  });

  it.each([
    ["InvalidPerson", { name: "  ", email: "a@example.com", permissions: [] }],
    ["InvalidPerson", { name: "a\nb", email: "a@example.com", permissions: [] }],
    ["InvalidPerson", { name: "a", email: "a@b@c", permissions: [] }],
    ["InvalidPerson", { name: "a", email: "a@example.com\nBcc: x@example.com", permissions: [] }],
    ["InvalidPerson", { name: "a", email: "a\u200b@example.com", permissions: [] }],
    ["InvalidPerson", { name: "a", email: "a@exa\u3002..mple\uff0e", permissions: [] }],
    ["InvalidPerson", { name: "new\u202eeman", email: "a@example.com", permissions: [] }],
    ["InvalidPerson", { name: "new\u009b2Jname", email: "a@example.com", permissions: [] }],
    ["InvalidPerson", { name: "new\u2028name", email: "a@example.com", permissions: [] }],
    ["PersonLooksAlike", { name: "wavegate", email: "a@example.com", permissions: [] }],
    ["PersonLooksAlike", { name: "WaveGate", email: "a@example.com", permissions: [] }],
    ["PersonLooksAlike", { name: "w\u0430vegate", email: "a@example.com", permissions: [] }],
    ["PersonLooksAlike", { name: "wave gate\u200b", email: "a@example.com", permissions: [] }],
    ["PersonLooksAlike", { name: "vvavegate", email: "a@example.com", permissions: [] }],
    ["PersonLooksAlike", { name: "administrator", email: "a@example.com", permissions: [] }],
    ["PersonLooksAlike", { name: "Adm1nistrator", email: "a@example.com", permissions: [] }],
    ["UnknownPermission", { name: "a", email: "a@example.com", permissions: ["everything"] }],
  ])("M14 refuses %s: %j", async (name, person) => {
    await expect(addPerson(world.administrator, person as unknown as Person)).rejects.toMatchObject(
      { name },
    );
  });
});

describe("W8 names that look alike are one name, whoever adds them", () => {
  const alike: Readonly<Record<string, readonly string[]>> = {
    "Karima Ould": [
      "Kаrima Ould", // Cyrillic а
      "Κarima Ould", // Greek Κ
      "ＫＡＲＩＭＡ ＯＵＬＤ",
      "𝐊arima Ould",
      "karimaould",
      "Karima  Ould",
      "Karima\u00a0Ould",
      "Ka\u200brima Ould",
      "Ka\u{1d173}rima Ould",
      "Karima\u2060 Ould\ufeff",
      "Ka\u00adrima Ould",
      "Karima\u3164 Ould",
      "Kárima Ôuld",
      "Ka\u0301rima Ould",
      "Karlma Ould",
      "Kar1ma 0uld",
      "KARIMA OULD\u202e",
      "Karıma Ould",
      "Kaгima Ould", // Cyrillic г, which UTS 39 takes for r
    ],
    bernard: ["bemard", "Ьеrnаrd", "Bérnard"],
    "j.smith-vivian": ["j.smith–vivian", "j.smіth-vivian", "J.Smith‐Vivian"],
    كريم: ["كريـم", "کریم", "كَريم", "كريم\u200f"],
    сара: ["capa", "Capa"],
    "O’Brien": ["O'Brien", "0ʼBrien"],
  };
  beforeAll(async () => {
    for (const [at, name] of Object.keys(alike).entries()) {
      await addPerson(world.administrator, {
        name,
        email: `alike${at}@example.com`,
        permissions: [],
      });
    }
  });
  const cases = Object.entries(alike).flatMap(([name, others]) =>
    others.map((other) => [name, other, JSON.stringify(other)] as const),
  );

  it.each(cases)("%s and %s (%s)", async (_name, other) => {
    const before = await listPeople(world.administrator);
    // Case, width and form make the same person, whose address is changed: nobody else is there then.
    const added = addPerson(world.administrator, {
      name: other,
      email: "other@example.com",
      permissions: ["legacy_imports.commit"],
    });
    await added.catch((error) => expect(error).toMatchObject({ name: "PersonLooksAlike" }));
    expect((await listPeople(world.administrator)).map(({ name }) => name)).toEqual(
      before.map(({ name }) => name),
    );
  });

  it("says like whom, and that another name helps", async () => {
    await expect(
      addPerson(world.administrator, {
        name: "Kаrima Ould",
        email: "x@example.com",
        permissions: [],
      }),
    ).rejects.toMatchObject({
      name: "PersonLooksAlike",
      message:
        "That name looks like “Karima Ould”, and nobody could tell the two apart where they decide. Nothing was written; add the person under another name.",
    });
  });

  it.each(["\u200b", "\u3164\u00ad", "\u2800"])(
    "a name that nobody sees is none: %j",
    async (name) => {
      await expect(
        addPerson(world.administrator, { name, email: "x@example.com", permissions: [] }),
      ).rejects.toMatchObject({
        name: expect.stringMatching(/^(InvalidPerson|PersonLooksAlike)$/),
      });
    },
  );

  it.each(["karim", "Karima Oulde", "bernarda", "jsmith-vivian", "كريمة", "сарра", "O’Bryen"])(
    "another name is somebody else's: %s",
    async (name) => {
      const person = { name, email: `${encodeURIComponent(name)}@example.com`, permissions: [] };
      expect(await addPerson(world.administrator, person)).toMatchObject({ name });
    },
  );

  it("the database refuses it by itself, also a change of the name", async () => {
    const insert = (name: string) =>
      world.administrator.execute(
        sql`insert into wavegate.people (name, email) values (${name}, 'x@example.com')`,
      );
    await expect(insert("Kаrima Ould")).rejects.toThrow(/23000/);
    await expect(insert("\u200b")).rejects.toThrow(/23000/);
    await expect(insert("wavegate")).rejects.toThrow(/23000/);
    await expect(insert("Administrat\u043er")).rejects.toThrow(/23000/);
    await expect(
      world.administrator.execute(
        sql`update wavegate.people set name = 'Kаrima Ould' where name = 'bernard'`,
      ),
    ).rejects.toThrow(/23000/);
  });

  it("of two that are added at once one is refused", async () => {
    const ends = await Promise.allSettled(
      ["Zohra M", "Zоhra M"].map((name) =>
        addPerson(world.administrator, { name, email: "z@example.com", permissions: [] }),
      ),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("two who look alike since before may still lose what they hold", async () => {
    await world.administrator.execute(
      sql`alter table wavegate.people disable trigger no_look_alikes`,
    );
    await world.administrator.execute(
      sql`insert into wavegate.people (name, email, permissions) values ('bernаrd', 'old@example.com', '["legacy_imports.commit"]')`,
    );
    await world.administrator.execute(
      sql`alter table wavegate.people enable trigger no_look_alikes`,
    );
    const old = { name: "bernаrd", email: "old@example.com", permissions: [] };
    expect(await addPerson(world.administrator, old)).toMatchObject({ permissions: [] });
    expect(await removePerson(world.administrator, "bernаrd")).toMatchObject({ name: "bernаrd" });
  });
});

describe("W8 two addresses of one mailbox are one person's", () => {
  const boxes: Readonly<Record<string, readonly string[]>> = {
    "samia@b\u00fccher.example": [
      "samia@xn--bcher-kva.example",
      "samia@BU\u0308CHER.example",
      "samia+x@b\u00fccher\u3002example",
    ],
    "samia@example.org": [
      "samia@example.org.",
      "SAMIA@EXAMPLE.ORG",
      "\uff53amia@\uff45xample.org",
      "samia+@example.org",
      "samia@exam\u00adple.org",
    ],
    "sami.a@gmail.com": ["sa.mia+b@googlemail.com"],
    "sam-ia@proton.me": ["samia@protonmail.com", "s.a_mia+1@pm.me"],
    "samia.b@icloud.com": ["samia.b@me.com", "samia.b@mac.com"],
    "samia.b@yandex.ru": ["samia-b@ya.ru", "samia.b@yandex.com"],
  };
  const apart = [
    ["samia@example.com", "samia@example.net"],
    ["sami.a@example.com", "samia@example.com"],
    ["samia@xgmail.com", "sami.a@xgmail.com"],
    ["samia@icloud.com", "samia@icloud.com.example"],
    // Nothing stands before the plus: a number, and not a reader's own word.
    ["+4915112345@sms.example", "+4917099999@sms.example"],
  ] as const;
  const first = "first of a mailbox";
  const second = "2nd account";
  /** Whether the second account is, or ever was, the first one's. */
  async function areOne(one: string, other: string): Promise<boolean> {
    await addPerson(world.administrator, { name: first, email: one, permissions: [] });
    await addPerson(world.administrator, { name: second, email: other, permissions: [] });
    const found = (await listPeople(world.administrator)).find(({ name }) => name === second);
    await world.administrator.execute(
      sql`delete from wavegate.people where name in (${first}, ${second})`,
    );
    await world.administrator.execute(
      sql`delete from wavegate.people_known where name in (${first}, ${second})`,
    );
    return wasEver(first, found as Person);
  }

  it.each(Object.entries(boxes).flatMap(([one, others]) => others.map((other) => [one, other])))(
    "%s and %s",
    async (one, other) => {
      expect(await areOne(one, other)).toBe(true);
      expect(await areOne(other, one)).toBe(true);
    },
  );

  it("a name that is an address is its mailbox's, whichever of them started and whichever asks", async () => {
    const people = [
      ["zora+1@example.com", "z1@example.com"],
      ["zora+2@example.com", "z2@example.com"],
      ["zora", "zora@example.com"],
    ] as const;
    for (const [name, email] of people)
      await addPerson(world.administrator, { name, email, permissions: [] });
    const known = await listPeople(world.administrator);
    for (const [starter] of people)
      for (const [name] of people)
        expect(wasEver(starter, known.find((each) => each.name === name) as Person)).toBe(true);
  });

  it("an address of before, with a domain in letters of its own, is the mailbox that mail is sent to", async () => {
    const { administrator } = world;
    const old = [
      "samia@b\u00fccher.example",
      "samia+x@B\u00dcCHER.example",
      "kept@b\u00fccher.example",
    ];
    const add = (name: string, email: string) =>
      administrator.execute(
        sql`insert into wavegate.people (name, email) values (${name}, ${email})`,
      );
    await expect(add("by hand", old[0] ?? "")).rejects.toThrow(/people_domain_as_sent/u);
    await administrator.execute(
      sql`alter table wavegate.people drop constraint people_domain_as_sent`,
    );
    for (const [at, name] of ["oldest", "older", "else"].entries()) await add(name, old[at] ?? "");
    await removePerson(administrator, "older");
    await keepAddressesAsSent(administrator);
    await administrator.execute(
      sql`alter table wavegate.people add constraint people_domain_as_sent check (substring(email from '[^@]*$') !~ '[^\\x01-\\x7f]')`,
    );
    const person = { name: "newest", email: "SAMIA@xn--bcher-kva.example", permissions: [] };
    await addPerson(administrator, person);
    const known = await listPeople(administrator);
    const newest = known.find(({ name }) => name === "newest") as Person;
    expect(["oldest", "older", "else"].map((starter) => wasEver(starter, newest))).toEqual([
      true,
      true,
      false,
    ]);
    expect(known.find(({ name }) => name === "oldest")?.email).toBe("samia@xn--bcher-kva.example");
  });

  it.each(apart)("%s and %s are two", async (one, other) => {
    expect(await areOne(one, other)).toBe(false);
  });
});

describe("whether the starter is this person", () => {
  const amina = { name: "amina", email: "amina@example.com" };

  it.each([
    ["amina", true],
    ["AMINA ", true],
    ["arn:aws:iam::123456789012:user/amina", true],
    ["arn:aws:sts::123456789012:assumed-role/Operators/amina@example.com", true],
    ["Amina@Example.com", true],
    ["aminata", false],
    ["arn:aws:iam::123456789012:user/brahim", false],
    ["", false],
  ])("W8 %s: %s", (identity, same) => {
    expect(isSamePerson(identity, amina)).toBe(same);
  });
});
