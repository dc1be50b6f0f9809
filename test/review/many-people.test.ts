import { afterAll, beforeAll, expect, it } from "vitest";
import { raw } from "../../lib/data/sql.ts";
import { listPeople, permissions } from "../../lib/review/people/people.ts";
import { permissionsOf } from "../../lib/review/people/permissions.ts";
import { startWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

it("M14 W13 people are known one by one and all together, though they are more than one answer holds", async () => {
  const { administrator, services } = world;
  const many = (work: string) =>
    administrator.transaction(async (db) => {
      await db.execute(raw("set local session_replication_role = replica"));
      await db.execute(raw(work));
    });
  await many(`insert into wavegate.people (name, email, permissions)
    select 'one of many ' || n, 'somebody.of.many.' || n || '@department.example.com', '${JSON.stringify(permissions)}'
      from generate_series(1, 4000) n`);
  try {
    expect([...(await permissionsOf(services.sign, "One of many 3999"))]).toEqual(permissions);
    expect([...(await permissionsOf(services.sign, "one of few"))]).toEqual([]);
    const all = (await listPeople(services.stage)).map(({ name }) => name);
    expect(all.filter((name) => name.startsWith("one of many"))).toHaveLength(4_000);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain("vera");
  } finally {
    await many("delete from wavegate.people where name like 'one of many %'");
  }
});
