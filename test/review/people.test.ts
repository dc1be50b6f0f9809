import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isSamePerson } from "../../lib/evidence/same-person.ts";
import { addPerson, listPeople, type Person, removePerson } from "../../lib/review/people.ts";
import { permissionsOf, requirePermission } from "../../lib/review/permissions.ts";
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
    ["UnknownPermission", { name: "a", email: "a@example.com", permissions: ["everything"] }],
  ])("M14 refuses %s: %j", async (name, person) => {
    await expect(addPerson(world.administrator, person as unknown as Person)).rejects.toMatchObject(
      { name },
    );
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
