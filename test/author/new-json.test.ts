import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Frame } from "../../lib/cli/command.ts";
import { newMigration } from "../../lib/cli/verbs/new.ts";
import { type TestServices, testServices } from "../support/services.ts";

const project = resolve(import.meta.dirname, "../..");
let test: TestServices;
let root: string;

beforeAll(async () => {
  test = await testServices();
  root = await mkdtemp(join(tmpdir(), "wavegate-new-"));
  for (const name of ["lib", "node_modules", "package.json", "biome.json"])
    await symlink(join(project, name), join(root, name));
  for (const folder of ["migrations", "club"]) await mkdir(join(root, folder));
  await test.query(`create table people (
    id bigint generated always as identity primary key, full_name text not null, email text, street text, city text,
    licence text, legacy_no text unique)`);
});
afterAll(async () => {
  await test?.close();
  await rm(root, { recursive: true, force: true });
});

const letters = "ABCDEFGHIJKLMNOPQRST";
const people = Array.from({ length: 20 }, (_, n) => ({
  _id: { $oid: `65a1f0c2e4b0a1b2c3d4e5${String(n).padStart(2, "0")}` },
  name: { first: `Ann${letters[n]?.toLowerCase()}`, last: `${letters[n]}son` },
  contact: { email: `ann${n}@club.example`, zone: `c${n}` },
  address: { street: `Road ${n}`, city: `Town ${n}`, zone: `a${n}`, geo: { lat: 45.5 + n } },
  home: n === 3 ? "none" : { city: `Home ${n}`, floor: n },
  licence: { $numberLong: `90071992547409930${n}` },
  boats: [{ class: "8+", seat: n }],
}));

it("B12 W13 drafts of JSON what is within objects, each under its own name where nothing else has it, and names the driver", async () => {
  await writeFile(
    join(root, "club/people.json"),
    people.map((each) => `${JSON.stringify(each)}\n`).join(""),
  );
  await writeFile(join(root, "club/settings.json"), "// not JSON\n");
  const frame = { io: { env: test.legacy, cwd: root }, output: "text", say: () => {} };
  const answer = (await newMigration(
    frame as unknown as Frame,
    "club",
    { source: "club", target: test.url },
    root,
  )) as { text: string[]; json: { problems: { level: string }[] } };
  const text = await readFile(join(root, "migrations/club/definition.ts"), "utf8");
  for (const line of [
    '"_id", "name.first", "name.last", "contact.email", "contact.zone", "address.street", "address.city", "address.zone", "address.geo.lat", "home", "licence", "boats"',
    'full_name: name("name.last", "name.first"),',
    'email: email("contact.email", { placeholders: [] }),',
    'street: text("address.street"),',
    'city: text("address.city"),',
    'address_zone: text("address.zone"),',
    'contact_zone: text("contact.zone"),',
    'lat: decimal("address.geo.lat"),',
    'licence: text("licence"),',
    'home: json("home"),',
    '// guess: lists of objects; each(TABLE, "boats", "class", "seat") makes a row of each of them',
    'street: staged("street"),',
    'city: staged("city"),',
    'legacy_no: staged("legacy_id"),',
  ])
    expect(text.replaceAll(/\s+/gu, " ")).toContain(line);
  expect(answer.json.problems.filter(({ level }) => level === "error")).toEqual([]);
  const said = answer.text.join("\n");
  expect(said).toContain("CLUB_DB_DRIVER=json");
  expect(said).toContain(
    "The legacy table “settings” was passed over: settings.json, line 1: an object in braces is missing",
  );
});
