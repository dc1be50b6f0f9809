import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditEntry, entryHash } from "../../lib/evidence/audit-chain.ts";
import { exportAudit } from "../../lib/evidence/export-audit.ts";
import { manifestBytes, sha256 } from "../../lib/evidence/manifest.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { appendSecurity, securityLog } from "../../lib/evidence/security-log.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { addPerson, removePerson, signInOver } from "../../lib/review/people/people.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { setUpAgain, type TestServices, testServices } from "../support/services.ts";
import { reference, runId, stageRun } from "./fixture.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices({ now: () => new Date("2026-11-20T10:00:00.000Z") });
});
afterAll(() => test.close());

const newest = async (n: number) =>
  (await securityLog(test.services.stage))
    .slice(-n)
    .map(({ actor, action, details }) => [actor, action, details]);
const give = (...can: string[]) =>
  addPerson(
    test.admin,
    {
      name: "salima",
      email: "salima@example.com",
      permissions: can.map((each) => `legacy_imports.${each}`) as never,
    },
    "operator",
  );

describe("the log of what happens around runs", () => {
  it("W8 W12 M14 holds each permission that is given or taken, by whom and from whom", async () => {
    await give("view", "review");
    await give("view", "review");
    await give("view", "commit");
    await removePerson(test.admin, "SALIMA", "operator");
    const about = (permissions: string[], holds: string[]) => ({
      person: "salima",
      permissions: permissions.map((each) => `legacy_imports.${each}`),
      holds: holds.map((each) => `legacy_imports.${each}`),
    });
    expect(await newest(4)).toEqual([
      ["operator", "permissions-given", about(["view", "review"], ["view", "review"])],
      ["operator", "permissions-given", about(["commit"], ["view", "commit"])],
      ["operator", "permissions-taken", about(["review"], ["view", "commit"])],
      ["operator", "permissions-taken", about(["view", "commit"], [])],
    ]);
  });

  it("W12 is one chain, also of many that write at once", async () => {
    const before = (await securityLog(test.services.stage)).length;
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        appendSecurity(
          n % 2 ? test.services.sign : test.admin,
          { actor: "amina", action: "sign-in-failed", details: { source: `127.0.0.1 user ${n}` } },
          new Date("2026-11-20T10:00:00.000Z"),
        ),
      ),
    );
    const log = await securityLog(test.services.stage);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, n) => n + 1));
    expect(log).toHaveLength(before + 12);
    for (const entry of log) expect(entry.hash).toBe(entryHash(entry));
  });

  it.each(["update wavegate.security_log set actor = 'x'", "delete from wavegate.security_log"])(
    "W12 nobody changes it: %s",
    async (statement) => {
      await expect(test.query(statement)).rejects.toThrow("wavegate.security_log is append-only");
    },
  );

  it("W8 M14 a sign-in is over when permissions or address changed after it, not for the same ones again", async () => {
    await give("view");
    await test.query("update wavegate.people set changed_at = '2026-11-20T10:00:00.700Z'");
    const at = (time: string) => signInOver(test.services.stage, "Salima", Date.parse(time) / 1000);
    expect(await at("2026-11-20T09:59:59.999Z")).toBe("changed");
    expect(await at("2026-11-20T10:00:00.100Z")).toBeUndefined();
    await give("view");
    expect(await at("2026-11-20T10:00:01Z")).toBeUndefined();
    for (const change of ["permissions = '[]'", "email = 'elsewhere@example.com'"]) {
      await test.query("update wavegate.people set changed_at = '2026-11-20T10:00:00.700Z'");
      expect(await at("2026-11-20T10:00:01Z")).toBeUndefined();
      await test.query(`update wavegate.people set ${change} where name = 'salima'`);
      expect(await at("2026-11-20T10:00:01Z")).toBe("changed");
    }
  });

  it("W8 where the database's clock was set back nobody can tell, until it is set up again; and whoever signed in by the later clock signs in anew", async () => {
    await give("view");
    const now = Date.now() / 1000;
    const at = (seconds: number) => signInOver(test.services.stage, "Salima", seconds);
    await test.query("update wavegate.people set changed_at = now() + interval '40 days'");
    expect([await at(now), await at(now + 41 * 86_400)]).toEqual(["clock", "clock"]);
    await setUpAgain(test, ecoin);
    expect(await at(now - 60)).toBe("changed");
    expect(await at(now + 60)).toBeUndefined();
    expect(await at(now + 41 * 86_400)).toBe("clock");
  });
});

describe("a bundle", () => {
  let home: string;
  let whole: string;
  let copies = 0;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "wavegate-security-"));
    await stageRun(
      { query: async (...given) => ({ rows: await test.query(...given) }) },
      test.services,
      [{ legacyId: 101 }],
    );
    await give("view", "commit");
    await give("view");
    await exportAudit(test.services, runId, {
      goNoGo: async () => ({ ready: false, items: [] }),
    });
    whole = join(home, "whole");
    await pullBundle(test.services.evidence, `runs/${reference}/audit/`, whole);
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  /** The verdict on the log after it was forged, with a manifest that fits the forged file. */
  async function forged(how: (entries: AuditEntry[]) => AuditEntry[] | undefined) {
    const folder = join(home, `copy-${++copies}`);
    await cp(whole, folder, { recursive: true });
    const path = join(folder, "security-log.jsonl");
    const entries = (await readFile(path, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
    const after = how(entries);
    if (after === undefined) {
      await rm(path);
      manifest.files = manifest.files.filter(
        (file: { name: string }) => !/security/.test(file.name),
      );
      delete manifest.security_log;
    } else {
      const bytes = Buffer.from(after.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      await writeFile(path, bytes);
      const file = manifest.files.find(({ name }: { name: string }) => /security/.test(name));
      Object.assign(file, { bytes: bytes.length, sha256: sha256(bytes), rows: after.length });
    }
    await writeFile(join(folder, "manifest.json"), manifestBytes(manifest));
    const { ok, checks } = await verifyBundle(folder);
    expect(ok).toBe(false);
    return checks.filter(({ passed }) => !passed).map(({ name, message }) => `${name}: ${message}`);
  }

  it("W8 W12 carries it, and its chain is verified", async () => {
    const { checks } = await verifyBundle(whole);
    expect(checks.find(({ name }) => name === "security log")).toEqual({
      name: "security log",
      passed: true,
      message: "No entry was removed or changed, and nobody did what they might not then.",
    });
  });

  it.each<[string, (entries: AuditEntry[]) => AuditEntry[] | undefined]>([
    ["an entry that was changed", (all) => all.map((entry) => ({ ...entry, actor: "somebody" }))],
    ["an entry that was taken out", (all) => all.toSpliced(1, 1)],
    ["a tail that was cut off", (all) => all.slice(0, -1)],
    ["a log that was emptied", () => []],
    ["a log that is not there", () => undefined],
  ])("W8 W12 %s is found, also beside a manifest that fits", async (_what, how) => {
    expect((await forged(how)).some((line) => /security.log/.test(line))).toBe(true);
  });
});
