import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { startMariaDb } from "../support/mariadb.ts";
import { sampleFolder, type TestServices, testServices } from "../support/services.ts";
import { acknowledged, importAll, refusal } from "../support/steps.ts";

let mariadb: Awaited<ReturnType<typeof startMariaDb>>;
let test: TestServices;
const run = "7f3a0000-0000-4000-8000-00000000000d";
const input = { migration: "ecoin", run, executionArn: "arn:x", acknowledge: acknowledged };

beforeAll(async () => {
  mariadb = await startMariaDb({ sample: new URL("legacy", sampleFolder).pathname });
});
afterAll(() => mariadb.stop());
beforeEach(async () => {
  test = await testServices();
  Object.assign(test.legacy, mariadb.settings);
});
afterEach(() => test.close());

const failedChecks = async () => {
  const [row] = await test.query<{
    preflight: { checks: { id: string; passed: boolean; says: string }[] };
  }>("select preflight from wavegate.legacy_import_runs");
  return row?.preflight.checks.filter(({ passed }) => !passed);
};

describe("a legacy MariaDB", () => {
  it("M1 is staged row for row as the same data in CSV files is", async () => {
    await importAll(test, run);
    const columns =
      "source_table, legacy_id::int, full_name, name_key, birth_date::text, phone_raw, phone_normalized, email_candidate, status_key, legacy_formation_id::int, legacy_session_id::int";
    const read = (services: TestServices) =>
      services.query(
        `select ${columns} from wavegate.legacy_student_imports order by source_table, legacy_id`,
      );
    const fromMariaDb = await read(test);
    const csv = await testServices();
    await importAll(csv, run);
    const fromCsv = await read(csv);
    await csv.close();
    expect(fromMariaDb).toHaveLength(3000);
    expect(fromMariaDb).toEqual(fromCsv);
  });

  it("R4 with a wrong password it is refused at once, with the checks to make and without the password", async () => {
    test.legacy.LEGACY_DB_PASSWORD = "wrong-and-secret";
    const attempt = preflight(test.services, input);
    await expect(attempt).rejects.toMatchObject({ name: "SourceAccessDenied" });
    await expect(attempt).rejects.toThrow(/Check user name and password/);
    await expect(attempt).rejects.not.toThrow(/wrong-and-secret/);
  });

  it("R4 where nobody answers it is refused at once, with the checks to make", async () => {
    test.legacy.LEGACY_DB_PORT = "1";
    await expect(preflight(test.services, input)).rejects.toThrow(/Check host, port/);
  });

  it("R1 a user with more than SELECT is refused before anything is staged", async () => {
    await mariadb.query("CREATE USER 'writer'@'%' IDENTIFIED BY 'secret'");
    await mariadb.query("GRANT SELECT, INSERT ON ecoin_legacy.* TO 'writer'@'%'");
    Object.assign(test.legacy, { LEGACY_DB_USERNAME: "writer", LEGACY_DB_PASSWORD: "secret" });
    expect(await refusal(preflight(test.services, input))).toBe("PreflightFailed");
    expect(await failedChecks()).toMatchObject([{ id: "source_read_only" }]);
    expect((await failedChecks())?.[0]?.says).toContain("INSERT");
  });

  it("R1 a missing column is named", async () => {
    await mariadb.query("ALTER TABLE ecoin_legacy.archives RENAME COLUMN statut TO etat");
    try {
      expect(await refusal(preflight(test.services, input))).toBe("PreflightFailed");
      expect(await failedChecks()).toMatchObject([
        { id: "source_tables", says: "The source has no column archives.statut." },
      ]);
    } finally {
      await mariadb.query("ALTER TABLE ecoin_legacy.archives RENAME COLUMN etat TO statut");
    }
  });

  it("R1 W13 a key that does not name each row is named", async () => {
    await mariadb.query("ALTER TABLE ecoin_legacy.archives MODIFY id VARCHAR(40) NOT NULL");
    try {
      expect(await refusal(preflight(test.services, input))).toBe("PreflightFailed");
      const says = expect.stringContaining('"id" cannot be the key of "archives"');
      expect(await failedChecks()).toMatchObject([{ id: "source_keys", says }]);
    } finally {
      await mariadb.query("ALTER TABLE ecoin_legacy.archives MODIFY id INT NOT NULL");
    }
  });

  it("W3 R4 a connection that is lost in the middle of an import stops it, and the next attempt goes on", async () => {
    await preflight(test.services, input);
    const plan = await planImport(test.services, run);
    await mariadb.query("LOCK TABLES stagiaires WRITE");
    const importing = refusal(importRange(test.services, run, 1));
    // The reader waits for the table; there its connection is cut.
    for (let cut = false; !cut; ) {
      const waiting = await mariadb.query(
        "SELECT id FROM information_schema.processlist WHERE user = 'ecoin_legacy_reader' AND state LIKE 'Waiting%'",
      );
      for (const { id } of waiting) {
        await mariadb.query(`KILL CONNECTION ${id}`);
        cut = true;
      }
    }
    await mariadb.query("UNLOCK TABLES");
    expect(await importing).toBe("SourceLost");
    for (const { range } of plan.ranges) await importRange(test.services, run, range);
    expect((await finishImport(test.services, run)).staged).toEqual({
      archives: 800,
      stagiaires: 2200,
    });
  });
});
