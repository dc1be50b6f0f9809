import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, it } from "vitest";
import { createDataClient } from "../../lib/data/client.ts";
import { openDatabase } from "../../lib/data/database.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { startRdsDataService } from "../../lib/embedded/rds-data/service.ts";
import { wantedOnPlatform } from "../../lib/stages/set-up/platform.ts";
import { wrongRoles } from "../../lib/stages/set-up/wrong-roles.ts";
import { setUpDatabase } from "../../lib/stages/set-up-database.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { plainAdministrator, startTestPostgres } from "../support/server.ts";

const cluster = "arn:aws:rds:us-east-1:000000000000:cluster:test";
const secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:admin";

it("D19 is set up, and again, by an administrator as Aurora has them: who is no superuser", async () => {
  // A server of its own: roles belong to the whole server, and other tests use theirs meanwhile.
  const directory = await mkdtemp(join(tmpdir(), "wavegate-aurora-"));
  const server = await startTestPostgres(directory);
  const database = { url: server.url, name: new URL(server.url).pathname.slice(1) };
  const superuser = new pg.Client({ connectionString: database.url });
  await superuser.connect();
  const url = await plainAdministrator(database.url);
  await superuser.query(`grant all on database "${database.name}" to aurora_admin`);
  await superuser.query("grant create on schema public to aurora_admin");
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(
    await readFile(
      new URL("../../migrations/ecoin/platform-schema.postgres.sql", import.meta.url),
      "utf8",
    ),
  );
  const rds = await startRdsDataService({
    resourceArn: cluster,
    authenticate: async () => "test",
    roles: { [secret]: { connectionString: url } },
  });
  const client = createDataClient({
    endpoint: rds.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const admin = openDatabase({
    client,
    resourceArn: cluster,
    secretArn: secret,
    database: database.name,
  });
  const passwords = { stage: "one", sign: "two", operator: "three", commit: { ecoin: "four" } };
  // Somebody who is connected, and may do nothing, holds every lock that is anybody's. Nobody was set up before: two are at once.
  await superuser.query("create role stranger login password 'stranger'");
  const strangers = new URL(database.url);
  strangers.username = strangers.password = "stranger";
  const stranger = new pg.Client({ connectionString: strangers.href });
  await stranger.connect();
  await stranger.query("select pg_advisory_lock(7239001)");
  await Promise.all([1, 2].map(() => setUpDatabase(admin, [ecoin], passwords)));
  await stranger.end();
  const roles = databaseRoles(database.name);
  // An earlier version let terminals see the platform's people; other tables were in an earlier definition.
  await owner.query(`create table earlier (name text); create materialized view kept as select name from earlier;
    grant select on users, earlier, kept to ${roles.operator};
    grant select (email) on crm_leads to ${roles.operator}`);
  await superuser.query(`grant select on wavegate.legacy_student_imports to ${roles.operator};
    grant select (phone) on wavegate.match_people to ${roles.operator}`);
  // What was taken away in between is there again.
  await owner.query("drop trigger wavegate_postgres_commit_ecoin on crm_leads");
  await owner.query(
    "alter table legacy_completed_trainings disable trigger wavegate_postgres_commit_ecoin",
  );
  await setUpDatabase(admin, [ecoin], {
    stage: "five",
    sign: "six",
    operator: "seven",
    commit: { ecoin: "eight" },
  });
  const seen = await superuser.query(
    `select c.oid::regclass::text as table, a.attname as column from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.oid in ('users'::regclass, 'earlier'::regclass, 'kept'::regclass, 'crm_leads'::regclass, 'wavegate.legacy_student_imports'::regclass, 'wavegate.match_people'::regclass)
        and a.attname in ('name', 'full_name', 'email', 'phone', 'raw_payload')
        and has_column_privilege('${roles.operator}', c.oid, a.attnum, 'select')`,
  );
  expect(seen.rows).toEqual([]);
  const owners = await owner.query(
    "select distinct tableowner as owner from pg_tables where schemaname = 'wavegate' order by 1",
  );
  expect(owners.rows).toEqual([{ owner: "wavegate_postgres_owner" }]);
  const guards = await owner.query(
    "select tgrelid::regclass::text as table, tgenabled as on from pg_trigger where tgname = 'wavegate_postgres_commit_ecoin' order by 1",
  );
  expect(guards.rows).toEqual([
    { table: "crm_leads", on: "O" },
    { table: "legacy_completed_trainings", on: "O" },
    { table: "legacy_imported_enrollments", on: "O" },
  ]);
  // Whoever acts as somebody else, or is more than a role, is named with what mends it; administrators are not.
  const wrong = async () =>
    wrongRoles(admin, "ecoin", roles, await wantedOnPlatform(admin, ecoin, roles));
  expect(await wrong()).toEqual([]);
  await superuser.query(`create role somebody login; grant ${roles.owner} to somebody;
    grant pg_write_all_data to ${roles.operator}; alter role ${roles.sign} createdb bypassrls;
    alter role ${roles.owner} login; alter role ${roles.stage} nologin`);
  const mends = "as the database's administrator: ";
  expect(await wrong()).toEqual([
    `${roles.owner} may log in and must not: run \`wavegate set-up ecoin\` (on AWS: deploy again)`,
    `${roles.stage} may not log in: run \`wavegate set-up ecoin\` (on AWS: deploy again)`,
    `${roles.sign} is createdb bypassrls: ${mends}\`alter role "${roles.sign}" nocreatedb nobypassrls\``,
    `${roles.operator} is a member of pg_write_all_data, and may do what that role may: ${mends}\`revoke "pg_write_all_data" from "${roles.operator}"\``,
    `somebody is a member of ${roles.owner}, and may do what that role may: ${mends}\`revoke "${roles.owner}" from "somebody"\``,
  ]);
  /** How texts are read and written, and what ends or hides: as somebody set it for the database, and as every role of ours begins. */
  const texts = {
    ...{ timezone: ["America/St_Johns", "UTC"], datestyle: ["SQL, DMY", "ISO, MDY"] },
    ...{ intervalstyle: ["sql_standard", "postgres"], extra_float_digits: ["0", "1"] },
    ...{ bytea_output: ["escape", "hex"], quote_all_identifiers: ["on", "off"] },
    ...{ statement_timeout: ["1h", "0"], row_security: ["off", "on"] },
    idle_in_transaction_session_timeout: ["1h", "3min"],
    xmloption: ["document", "content"],
  } as const;
  // What anybody who has a role's password settled for its sessions, on the whole server and in this database, and what
  // an administrator did for everybody's.
  await superuser.query(`alter role ${roles.stage} login`);
  const everybody = [
    [roles.stage, "five"],
    [roles.sign, "six"],
    [roles.operator, "seven"],
    [roles.commit("ecoin"), "eight"],
  ] as const;
  const session = async (role: string, password: string) => {
    const place = new URL(database.url);
    Object.assign(place, { username: role, password });
    const one = new pg.Client({ connectionString: place.href });
    await one.connect();
    return one;
  };
  for (const [role, password] of everybody) {
    const one = await session(role, password);
    await one.query(`alter role current_user set application_name = 'mine';
      alter role current_user set default_transaction_isolation = 'serializable';
      alter role current_user in database "${database.name}" set search_path = elsewhere;
      alter role current_user in database "${database.name}" set standard_conforming_strings = off;
      alter role current_user password 'mine'`);
    await one.end();
  }
  await superuser.query(
    `alter database "${database.name}" set session_replication_role = replica;
     alter database "${database.name}" set default_transaction_isolation = 'repeatable read';
     ${Object.entries(texts)
       .map(([name, [value]]) => `alter database "${database.name}" set ${name} = '${value}';`)
       .join("\n")}`,
  );
  const mend = "run `wavegate set-up ecoin` (on AWS: deploy again)";
  const settled = everybody.flatMap(([role]) => [
    `${role} has a application_name of its own, for every ${role === roles.operator ? "terminal" : "session"}: ${mend}`,
    `sessions of ${role} do not begin with default_transaction_isolation = read committed: ${mend}`,
    `sessions of ${role} do not begin with standard_conforming_strings = on: ${mend}`,
    role === roles.sign
      ? `sessions of ${role} do not begin with search_path = pg_catalog, pg_temp: ${mend}`
      : `${role} has a search_path of its own, for every ${role === roles.operator ? "terminal" : "session"}: ${mend}`,
  ]);
  const silenced = `sessions of this database begin with a session_replication_role in which no trigger guards anything: ${mends}\`alter database "${database.name}" reset session_replication_role\``;
  expect(await wrong()).toEqual(expect.arrayContaining([...settled, silenced]));
  await superuser.query(`alter database "${database.name}" reset session_replication_role`);
  // A session that began before the database was told where tables are finds them there all the same.
  await superuser.query(
    `create schema apart; alter database "${database.name}" set search_path = apart, public`,
  );
  await setUpDatabase(admin, [ecoin], {
    ...{ stage: "five", sign: "six", operator: "seven" },
    commit: { ecoin: "eight" },
  });
  const left = await wrong();
  for (const each of [...settled, silenced]) expect(left).not.toContain(each);
  // Each logs in with the password that the set-up gave it, and begins as it should whatever the database says.
  for (const [role, password] of everybody) {
    const one = await session(role, password);
    const { rows } = await one.query(
      `select name, setting from pg_settings
        where name in ('default_transaction_isolation', 'search_path', 'standard_conforming_strings') order by 1`,
    );
    expect([role, rows.map(({ setting }) => setting)]).toEqual([
      role,
      ["read committed", role === roles.sign ? "pg_catalog, pg_temp" : "apart, public", "on"],
    ]);
    for (const [name, [, wanted]] of Object.entries(texts)) {
      const [found] = (await one.query(`select current_setting('${name}') as is`)).rows;
      expect([role, name, found.is]).toEqual([role, name, wanted]);
    }
    await one.end();
  }
  const [path] = (await superuser.query("select wavegate.platform_path() as path")).rows;
  expect(path).toEqual({ path: "apart, public" });
  client.destroy();
  await owner.end();
  await superuser.end();
  await rds.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});
