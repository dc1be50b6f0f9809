import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataClient } from "../../lib/data/client.ts";
import { type Database, openDatabase } from "../../lib/data/database.ts";
import { integerKey } from "../../lib/define/builders.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import type { RunningPostgres } from "../../lib/embedded/postgres/start.ts";
import { startRdsDataService } from "../../lib/embedded/rds-data/service.ts";
import { setUpDatabase } from "../../lib/stages/set-up-database.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { startTestPostgres } from "../support/server.ts";
import { small } from "../support/small.ts";

const cluster = "arn:aws:rds:us-east-1:000000000000:cluster:test";
let directory: string;
let server: RunningPostgres;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wavegate-two-"));
  server = await startTestPostgres(directory);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const urlOf = (database: string, user?: string, password?: string) => {
  const url = new URL(server.url);
  url.pathname = `/${encodeURIComponent(database)}`;
  if (user !== undefined) url.username = user;
  if (password !== undefined) url.password = password;
  return url.href;
};

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function asAdmin(name: string, work: (db: Database) => Promise<void>): Promise<void> {
  const rds = await startRdsDataService({
    resourceArn: cluster,
    authenticate: async () => "test",
    roles: { "arn:aws:secretsmanager:test": { connectionString: urlOf(name) } },
  });
  const client = createDataClient({
    endpoint: rds.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await work(
    openDatabase({
      client,
      resourceArn: cluster,
      secretArn: "arn:aws:secretsmanager:test",
      database: name,
    }),
  );
  client.destroy();
  await rds.close();
}

async function platform(name: string): Promise<void> {
  await query(server.url, `create database "${name}" template template0`);
  const schema = new URL("../../migrations/ecoin/platform-schema.postgres.sql", import.meta.url);
  await query(urlOf(name), await readFile(schema, "utf8"));
}

const passwords = (of: string) => ({
  stage: `stage ${of}`,
  sign: `sign ${of}`,
  operator: `operator ${of}`,
  commit: { ecoin: `commit ${of}` },
});

it("D19 databases on one server, of whatever name, have roles of their own and do not lock each other out", async () => {
  const names = ["one", "two", "An odd “name” far longer than thirty bytes", "three_commit_owner"];
  for (const name of names) await platform(name);
  for (const name of names) {
    await asAdmin(name, (db) => setUpDatabase(db, [ecoin], passwords(name)));
  }
  const used = new Set<string>();
  for (const name of names) {
    const roles = databaseRoles(name);
    const all = [roles.stage, roles.sign, roles.operator, roles.commit("ecoin")];
    for (const role of [...all, roles.owner]) {
      expect(Buffer.byteLength(role)).toBeLessThanOrEqual(63);
      expect(used.has(role)).toBe(false);
      used.add(role);
    }
    const words = ["stage", "sign", "operator", "commit"];
    for (const [n, role] of all.entries()) {
      const as = urlOf(name, role, encodeURIComponent(`${words[n]} ${name}`));
      expect(await query(as, "select current_user::text as me")).toEqual([{ me: role }]);
      expect(await query(as, "select count(*)::int as n from wavegate.waves")).toEqual([{ n: 0 }]);
      // In another database of the server the role may do nothing.
      const elsewhere = urlOf(
        names.find((each) => each !== name) as string,
        role,
        encodeURIComponent(`${words[n]} ${name}`),
      );
      await expect(query(elsewhere, "select from wavegate.waves")).rejects.toThrow(
        "permission denied for schema wavegate",
      );
    }
  }
});

it("D19 the schema of an earlier version is taken over, rows and all, and its roles keep nothing", async () => {
  await platform("earlier");
  const url = urlOf("earlier");
  await asAdmin("earlier", (db) => setUpDatabase(db, [ecoin], passwords("a")));
  for (const role of ["stage", "commit", "operator"]) {
    await query(url, `create role wavegate_${role} login`);
  }
  // As an earlier version left it.
  await query(
    url,
    `alter table wavegate.people drop constraint people_domain_as_sent;
     insert into wavegate.people (name, email) values ('karima', 'k@b\u00fccher.example');
     alter schema wavegate owner to postgres;
     grant usage, create on schema wavegate to wavegate_stage;
     alter table wavegate.people owner to wavegate_stage;
     alter table wavegate.legacy_import_commit_logs owner to wavegate_stage;
     alter view wavegate.legacy_student_imports owner to wavegate_stage;
     grant all on all tables in schema wavegate to wavegate_stage;
     grant insert, update on wavegate.audit_log to wavegate_operator;
     grant insert, delete on crm_leads to wavegate_commit`,
  );
  await asAdmin("earlier", (db) => setUpDatabase(db, [ecoin], passwords("b")));
  expect(
    await query(
      url,
      `select distinct pg_get_userbyid(relowner)::text as owner from pg_class where relnamespace = 'wavegate'::regnamespace
       union select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'wavegate'`,
    ),
  ).toEqual([{ owner: "wavegate_earlier_owner" }]);
  expect(
    await query(
      url,
      `select r.rolname::text as role, c.relname::text as on from pg_class c cross join lateral aclexplode(c.relacl) a
         join pg_roles r on r.oid = a.grantee where r.rolname in ('wavegate_stage', 'wavegate_commit', 'wavegate_operator')
       union select r.rolname::text, n.nspname::text from pg_namespace n cross join lateral aclexplode(n.nspacl) a
         join pg_roles r on r.oid = a.grantee where r.rolname in ('wavegate_stage', 'wavegate_commit', 'wavegate_operator')`,
    ),
  ).toEqual([]);
  expect(await query(url, "select name, email from wavegate.people")).toEqual([
    { name: "karima", email: "k@xn--bcher-kva.example" },
  ]);
});

it("W11 B4 rows of every migration of an earlier version are counted, whichever is set up, and those just being written", async () => {
  const url = urlOf("earlier");
  const [run, other] = [1, 2].map((n) => `7f3a0000-0000-4000-8000-0000000007c${n}`);
  const decisions = "wavegate.legacy_student_imports_decisions";
  // As before there were tallies; of a database that is older still nothing says whose the tables are.
  await query(
    url,
    `${[decisions, "wavegate.legacy_student_imports_source"]
      .flatMap((table) =>
        ["added", "removed", "emptied", "changed"].map(
          (name) => `drop trigger if exists tally_${name} on ${table};`,
        ),
      )
      .join("\n")}
     delete from wavegate.staged_entities;
     insert into wavegate.legacy_student_imports_source (run_id, source_table, legacy_id)
       select '${run}', 'archives', n from generate_series(1, 5) n;
     insert into ${decisions} (run_id, staged_id, planned, planned_reason, import_state)
       select '${run}', n, 'hold', 'why', case when n < 3 then 'held' else 'pending' end from generate_series(1, 4) n;
     create table things (id bigint generated by default as identity primary key, word text)`,
  );
  const writing = new pg.Client({ connectionString: url });
  await writing.connect();
  await writing.query(
    `begin; insert into ${decisions} (run_id, staged_id, import_state) values ('${other}', 9, 'pending')`,
  );
  const setUp = asAdmin("earlier", (db) =>
    setUpDatabase(db, [small("second", integerKey("id"))], {
      ...passwords("c"),
      commit: { second: "commit c" },
    }),
  );
  let over = false;
  void setUp.finally(() => {
    over = true;
  });
  while (!over) {
    const [{ waits }] = await query(
      url,
      "select count(*)::int as waits from pg_locks where not granted and relation is not null",
    );
    if (waits > 0) break;
  }
  await writing.query("commit");
  await writing.end();
  await setUp;
  await query(url, `update ${decisions} set import_state = 'committed' where staged_id in (2, 9)`);
  expect(
    await query(
      url,
      `select run_id as run, staging, import_state as state, reason, sum(rows)::int as rows from wavegate.row_tallies
        group by 1, 2, 3, 4 having sum(rows) <> 0 order by 1, 2, 3, 4`,
    ),
  ).toEqual(
    [
      [run, "legacy_student_imports_decisions", "committed", null, 1],
      [run, "legacy_student_imports_decisions", "held", "why", 1],
      [run, "legacy_student_imports_decisions", "pending", null, 2],
      [run, "legacy_student_imports_source", null, null, 5],
      [other, "legacy_student_imports_decisions", "committed", null, 1],
    ].map(([of, staging, state, reason, rows]) => ({ run: of, staging, state, reason, rows })),
  );
});
