import { createHash, randomBytes, randomUUID } from "node:crypto";
import { cpSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import type { RDSDataClient } from "@aws-sdk/client-rds-data";
import { S3Client } from "@aws-sdk/client-s3";
import pg from "pg";
import { inject } from "vitest";
import { decisionsTable, sourceTable } from "../../lib/compile/rows.ts";
import { createDataClient } from "../../lib/data/client.ts";
import { type Database, openDatabase } from "../../lib/data/database.ts";
import { render, sql } from "../../lib/data/sql.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import type { WholeMigration } from "../../lib/define/several.ts";
import { startKmsService } from "../../lib/embedded/kms/service.ts";
import {
  type RdsDataService,
  type RdsDataServiceOptions,
  startRdsDataService,
} from "../../lib/embedded/rds-data/service.ts";
import { startS3Service } from "../../lib/embedded/s3/service.ts";
import { readDefinition } from "../../lib/infra/definitions.ts";
import { addPerson, permissions } from "../../lib/review/people/people.ts";
import { openCopyStore } from "../../lib/services/copy-store.ts";
import { createSealer } from "../../lib/services/create.ts";
import { openEvidenceStore } from "../../lib/services/evidence-store.ts";
import { databaseShelf } from "../../lib/services/kept-readings.ts";
import type { Executions, Mail, Services } from "../../lib/services/services.ts";
import { openSigner } from "../../lib/services/signer.ts";
import { createStamper } from "../../lib/services/stamper.ts";
import { openFiles } from "../../lib/sources/files/open.ts";
import { openSource } from "../../lib/sources/open.ts";
import { filesPlace, settingsPrefix, sourceSettings } from "../../lib/sources/settings.ts";
import type { PreflightInput } from "../../lib/stages/preflight.ts";
import { setUpDatabase } from "../../lib/stages/set-up-database.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { everyStep } from "./every-step.ts";
import { startLooks } from "./looks.ts";
import { olderRuns } from "./older-runs.ts";
import { type TestDatabase, testDatabase, testTemplate } from "./postgres.ts";
import { approve, importAll, reviewedRun, runWave } from "./steps.ts";
import { withoutSocket } from "./without-socket.ts";
import { writableViews } from "./writable-views.ts";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
/** Nobody looks at a signature here, and to make one takes a quarter of a call; runtimes look at those of all that they are asked. */
const signer = { sign: async <Request>(request: Request) => request };
const resourceArn = "arn:aws:rds:us-east-1:000000000000:cluster:test";
/** The key that signs bundles in tests. */
const signingKeyArn = "arn:aws:kms:us-east-1:000000000000:key/test";
const secretOf = (role: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${role}`;
const passwordsFor = (...migrations: string[]) => ({
  stage: "stage-in-tests",
  sign: "sign-in-tests",
  commit: Object.fromEntries(migrations.map((name) => [name, "commit-in-tests"])),
  operator: "operator-in-tests",
  serve: "serve-in-tests",
});

/** A migration with the platform that it writes into, and the legacy system that it reads. */
export interface World {
  readonly migration: WholeMigration;
  /** The platform's schema and rows, as SQL. */
  readonly platform: readonly string[];
  /** Folder of the legacy system's CSV files. */
  readonly legacy: string;
  /** Another migration into the same platform, from the same folder. */
  readonly beside?: WholeMigration;
}

const migrationsOf = ({ migration, beside }: World): readonly WholeMigration[] =>
  beside === undefined ? [migration] : [migration, beside];

/** Services over a database, an object store and a mailbox of a test's own. */
export interface TestServices {
  readonly services: Services;
  readonly admin: Database;
  /** As the role `operator`, the CLI's. */
  readonly operator: Database;
  /** The administrator's connection string: a superuser's, except on a server of the test's own. */
  readonly url: string;
  readonly definition: WholeMigration;
  /** The environment in which a command line looks at these services. */
  readonly environment: Readonly<Record<string, string>>;
  /** Settings of the connection `legacy`; a test may point it elsewhere. */
  readonly legacy: Record<string, string>;
  readonly mails: Mail[];
  /** What executions were started, stopped and answered. */
  readonly executions: FakeExecutions;
  /** A query as the administrator, past every stand-in: for looking at what is really there. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Ends everything but the database and the evidence, for others to go on from in copies. */
  leave(): Promise<LeftServices>;
  close(): Promise<void>;
}

/** A database that nobody is connected to, and the folder of its evidence. */
export interface LeftServices {
  readonly database: string;
  readonly folder: string;
  remove(): Promise<void>;
}

/** The roles of every copy of the template: they carry the name under which it was set up. */
export const roles = databaseRoles("draft_ecoin");

/** Records what the product asked Step Functions and CloudTrail for; starts nothing. */
interface FakeExecutions extends Executions {
  readonly answers: { token: string; output: unknown }[];
  /** ARNs of executions that were ended. */
  readonly ended: string[];
  readonly starters: Map<string, string>;
}

/** Folder of the committed sample. */
export const sampleFolder = new URL("../../migrations/ecoin/sample/", import.meta.url);

const read = (path: string) =>
  readFile(new URL(`../../migrations/ecoin/${path}`, import.meta.url), "utf8");

export interface ServiceOptions {
  readonly faults?: RdsDataServiceOptions["faults"];
  readonly now?: () => Date;
  /** By all of the SDK and through sockets in `npm test` too, for whoever looks at what the SDK does, or at what goes over the wire; so it is with faults. */
  readonly overHttp?: boolean;
}

/**
 * Real services: PostgreSQL behind the Data API, an object store, the sample as the source.
 * `operator` started everything; `approver` is the second person.
 */
export async function testServices(
  options: ServiceOptions & {
    /** The administrator's connection string to a server of the test's own. */
    server?: string;
    /** Another migration than ECOIN's; its name tells the copies of its platform from others. */
    world?: World;
    /** Services that were left as they are, to go on from in a copy. */
    from?: LeftServices;
  } = {},
): Promise<TestServices> {
  const { from, server } = options;
  const world = options.world ?? (await ecoinWorld());
  const template = from?.database ?? (await templateOf(world, server));
  const database = await testDatabase({ template, server });
  const folder = await mkdtemp(join(tmpdir(), "wavegate-services-"));
  if (from) copyFolder(from.folder, folder);
  return servicesOn(database, folder, world, options);
}

/**
 * Real services with a run of the sample, or several, ready to be signed off, in a database that has older runs
 * behind it: rows, objects and their mails' key are made once in a test run for each id and input, then copied.
 */
export const reviewedServices = async (
  run: string | readonly string[] = reviewed,
  input: Partial<PreflightInput> = {},
  options: ServiceOptions = {},
): Promise<TestServices> => testServices({ ...options, from: await reviewedState(run, input) });

const reviewedState = async (
  run: string | readonly string[] = reviewed,
  input: Partial<PreflightInput> = {},
): Promise<LeftServices> => {
  const of = createHash("sha256")
    .update(JSON.stringify([run, input]))
    .digest("hex")
    .slice(0, 16);
  const prepare = async (test: TestServices) => {
    for (const each of [run].flat()) await reviewedRun(test, each, input);
  };
  return prepared(`reviewed_${of}`, prepare, await aged());
};

/** Real services with {@link reviewed} and its first wave, signed off and verified: made once in a test run, then copied. */
export const waveOneServices = async (): Promise<TestServices> => {
  const prepare = async (test: TestServices) => {
    await approve(test, reviewed, "first_wave");
    await runWave(test, reviewed, 1);
  };
  return testServices({ from: await prepared("wave_one", prepare, await reviewedState()) });
};

/** Real services with {@link reviewed} as its import leaves it: made once in a test run, then copied. */
export const importedServices = (): Promise<TestServices> =>
  preparedServices("imported", (draft) => importAll(draft, reviewed), {});

/** A database that has older runs behind it, made once in a test run. */
export const aged = (): Promise<LeftServices> => prepared("aged", olderRuns);

/** Real services over a database that has older runs behind it. */
export const agedServices = async (options: ServiceOptions = {}): Promise<TestServices> =>
  testServices({ ...options, from: await aged() });

/**
 * Real services in a state that is prepared once in a test run for each name, over a database that has older runs
 * behind it, then copied.
 */
export const preparedServices = async (
  name: string,
  prepare: (test: TestServices) => Promise<void>,
  options: ServiceOptions,
): Promise<TestServices> =>
  testServices({ ...options, from: await prepared(name, prepare, await aged()) });

/** The platform of a world, as it is before anything is written there: a database to copy from. */
const templateOf = (world: World, server?: string): Promise<string> =>
  testTemplate(world.migration.name, (url) => buildPlatform(url, world), {
    server,
    of: createHash("sha256")
      .update(JSON.stringify([world.platform, ...migrationsOf(world)]))
      .digest("hex"),
  });

/** A state to copy, prepared once in a test run for each name: of a fresh platform, or of a state that was prepared before. */
export async function prepared(
  name: string,
  prepare: (test: TestServices) => Promise<unknown>,
  before?: LeftServices,
): Promise<LeftServices> {
  const folder = join(inject("templates"), name);
  const world = await ecoinWorld();
  const from = before?.database ?? (await templateOf(world));
  const database = await testTemplate(
    name,
    async (url) => {
      const draft = { url, name: new URL(url).pathname.slice(1), drop: async () => {} };
      await rm(folder, { recursive: true, force: true });
      if (before) copyFolder(before.folder, folder);
      await mkdir(folder, { recursive: true });
      const test = await servicesOn(draft, folder, world, {}, { keepFolder: true });
      await prepare(test);
      await test.close();
    },
    { from },
  );
  // It goes with the test run.
  return { database, folder, remove: async () => {} };
}

/** Copies a folder at once: with a promise for each of a hundred small files it takes fifteen times the processor's time. */
const copyFolder = (from: string, to: string): void => cpSync(from, to, { recursive: true });

/** The run of {@link reviewedServices}, where nothing else is said. */
export const reviewed = "7f3a0000-0000-4000-8000-0000000000ed";

async function servicesOn(
  database: TestDatabase,
  folder: string,
  world: World,
  options: ServiceOptions,
  { keepFolder = false } = {},
): Promise<TestServices> {
  const { name } = world.migration;
  const rds = await startRdsDataService({
    resourceArn,
    authenticate: async () => "test",
    roles: rolesOf(database.url, name, world.beside?.name),
    // Whatever went wrong in the stand-in itself stands in no answer: a test that fails of it shows it here.
    log: ({ defect }) => void (defect && console.error(defect)),
    ...(options.faults ? { faults: options.faults } : {}),
  });
  const s3 = await startS3Service({
    directory: join(folder, "s3"),
    buckets: ["evidence", "files"],
    locked: ["runs/"],
    authenticate: async () => "test",
  });
  const kms = await startKmsService({
    file: join(folder, "signing-key.pem"),
    keyArn: signingKeyArn,
    authenticate: async () => "test",
    authorize: () => {},
  });
  const keys = new KMSClient({ endpoint: kms.url, region: "us-east-1", credentials, signer });
  const { faults, overHttp = faults !== undefined } = options;
  const client = clientOf(rds, overHttp);
  const open = (role: string) =>
    openDatabase({
      client,
      resourceArn,
      secretArn: secretOf(role),
      database: database.name,
    });
  const objects = new S3Client({
    endpoint: s3.url,
    region: "us-east-1",
    credentials,
    signer,
    forcePathStyle: true,
  });
  const superuser = new pg.Pool({ connectionString: database.url, max: 2 });
  // Dropping the database at the end cuts idle connections: no test's business.
  superuser.on("error", () => {});
  const mails: Mail[] = [];
  const sign = open("sign");
  const executions = fakeExecutions(sign);
  const legacy: Record<string, string> = {};
  for (const { connection } of migrationsOf(world)) {
    const prefix = settingsPrefix(connection);
    legacy[`${prefix}_DB_DRIVER`] = "csv";
    legacy[`${prefix}_DB_PATH`] = world.legacy;
  }
  const services: Services = {
    stage: open("stage"),
    sign,
    commitOf: (migration) => open(`commit-${migration}`),
    evidence: openEvidenceStore("evidence", objects),
    mail: async (message) => void mails.push(message),
    executions,
    workflow: quietWorkflow,
    stamps: createStamper(Buffer.alloc(32, 9).toString("base64")),
    tokens: createSealer(randomBytes(32).toString("base64")),
    signer: openSigner(signingKeyArn, keys),
    migrations: Object.fromEntries(migrationsOf(world).map((each) => [each.name, each])),
    openSource: (connection, which) =>
      openSource(
        sourceSettings(connection, legacy),
        (of) => databaseShelf(open("stage"), of),
        which,
      ),
    filesPlace: (connection) => filesPlace(connection, legacy),
    openFiles,
    copies: openCopyStore("files", objects),
    clock: options.now ?? (() => new Date()),
    newId: () => randomUUID(),
    newSeed: () => "5eed5eed5eed5eed",
    newSecret: () => randomBytes(32).toString("base64url"),
    settings: {
      signOffUrl: "http://127.0.0.1:1",
      mailFrom: "wavegate@example.com",
      evidenceBucket: "evidence",
      linkDays: 7,
      language: "en",
      importAtOnce: 2,
    },
  };
  const admin = open("admin");
  const end = async () => {
    client.destroy();
    objects.destroy();
    keys.destroy();
    await superuser.end();
    await rds.close();
    await s3.close();
    await kms.close();
    await looks.close();
  };
  const looks = await startLooks(services);
  const remove = async () => {
    await database.drop();
    if (!keepFolder) rmSync(folder, { recursive: true, force: true });
  };
  return {
    services,
    admin,
    operator: open("operator"),
    url: database.url,
    definition: world.migration,
    environment: {
      WAVEGATE_ENV: "tests",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL_RDS_DATA: rds.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      WAVEGATE_CLUSTER_ARN: resourceArn,
      WAVEGATE_DATABASE: database.name,
      WAVEGATE_OPERATOR_SECRET_ARN: secretOf("operator"),
      WAVEGATE_EVIDENCE_BUCKET: "evidence",
      WAVEGATE_SIGN_OFF_URL: looks.url,
      ...Object.fromEntries(
        ["MIGRATION", "WAVE", "ROLLBACK"].map((name) => [
          `WAVEGATE_${name}_MACHINE_ARN`,
          `arn:aws:states:us-east-1:000000000000:stateMachine:${name.toLowerCase()}`,
        ]),
      ),
    },
    legacy,
    mails,
    executions,
    query: async (text, values) => (await superuser.query(text, values)).rows,
    leave: async () => {
      await end();
      return { database: database.name, folder, remove };
    },
    close: async () => {
      await end();
      await remove();
    },
  };
}

const ecoinWorld = async (): Promise<World> => ({
  migration: ecoin,
  platform: [await read("platform-schema.postgres.sql"), await read("sample/platform.sql")],
  legacy: new URL("legacy/", sampleFolder).pathname,
});

/** Over HTTP in `npm run test:all`; in `npm test` over HTTP are the runtime's, the command line's and the pages' calls. */
function clientOf(rds: RdsDataService, overHttp = false): RDSDataClient {
  const whole = createDataClient({ endpoint: rds.url, region: "us-east-1", credentials, signer });
  return everyStep || overHttp ? whole : withoutSocket(whole, rds);
}

/** The platform with its rows, staging, roles and people: built once, then cloned. */
async function buildPlatform(url: string, world: World): Promise<void> {
  const { migration, platform } = world;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statements of platform) await client.query(statements);
  await client.end();
  const rds = await startRdsDataService({
    resourceArn,
    authenticate: async () => "test",
    roles: { [secretOf("admin")]: { connectionString: url } },
  });
  const sdk = clientOf(rds);
  const admin = openDatabase({
    client: sdk,
    resourceArn,
    secretArn: secretOf("admin"),
    database: new URL(url).pathname.slice(1),
  });
  const migrations = migrationsOf(world);
  await setUpDatabase(admin, migrations, passwordsFor(...migrations.map(({ name }) => name)));
  for (const name of ["operator", "approver", "second"]) {
    await addPerson(admin, {
      name,
      email: `${name}@example.com`,
      permissions: [...permissions],
    });
  }
  sdk.destroy();
  await rds.close();
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  if (migration === ecoin)
    await owner.query(writableViews(sourceTable(ecoin), decisionsTable(ecoin)));
  await owner.end();
}

/** Sets the database of a test up once more, as an administrator does, with a definition that may have changed since. */
export const setUpAgain = ({ admin }: TestServices, migration: WholeMigration): Promise<void> =>
  setUpDatabase(asDraft(admin, migration.name), [migration], passwordsFor(migration.name));

/** The administrator of a copy whose roles are called as those of what it is copied from. */
const asDraft = (db: Database, name: string): Database => ({
  ...db,
  one: async (statement) =>
    /current_database\(\)/.test(render(statement).sql)
      ? ({ name: `draft_${name}` } as never)
      : db.one(statement),
  transaction: (work, mode) => db.transaction((inner) => work(asDraft(inner, name)), mode),
});

function rolesOf(
  url: string,
  migration: string,
  beside = migration,
): RdsDataServiceOptions["roles"] {
  const roles = databaseRoles(`draft_${migration}`);
  const passwords = passwordsFor(migration, beside);
  const as = (user: string, password: string) => {
    const role = new URL(url);
    role.username = user;
    role.password = password;
    return { connectionString: role.href };
  };
  return {
    [secretOf("admin")]: { connectionString: url },
    [secretOf("stage")]: as(roles.stage, passwords.stage),
    [secretOf("sign")]: as(roles.sign, passwords.sign),
    [secretOf("operator")]: as(roles.operator, passwords.operator),
    ...Object.fromEntries(
      Object.entries(passwords.commit).map(([name, password]) => [
        secretOf(`commit-${name}`),
        as(roles.commit(name), password),
      ]),
    ),
  };
}

/** The state machines as they are written, and nothing under way. */
const quietWorkflow: Services["workflow"] = {
  definition: async (machine) => JSON.stringify(readDefinition(machine)),
  underWay: async () => [],
  arnOf: ({ machine, name }) => `arn:execution:${machine}:${name}`,
  steps: async () => [],
};

function fakeExecutions(sign: Database): FakeExecutions {
  const answers: FakeExecutions["answers"] = [];
  const ended: string[] = [];
  const starters = new Map<string, string>();
  return {
    answers,
    ended,
    starters,
    start: async (machine, name) => ({ executionArn: `arn:execution:${machine}:${name}` }),
    stop: async (arn) => void ended.push(arn),
    succeed: async (token, output) => {
      const closed = answers.some((answer) => answer.token === token);
      if (!closed) answers.push({ token, output });
      return closed ? "closed" : "told";
    },
    // A test calls stages without the state before them, which notes who began.
    starter: async (executionArn) => {
      const person = starters.get(executionArn) ?? "operator";
      await sign.execute(sql`
        insert into wavegate.run_beginnings (run_id, execution_arn, person)
        select id, execution_arn, ${person} from wavegate.legacy_import_runs where execution_arn = ${executionArn}
        on conflict do nothing`);
      return person;
    },
  };
}

/** A digest of every row of the platform's tables, to hold what was against what is. */
export async function platformDigest(test: TestServices): Promise<Record<string, string>> {
  const tables = [
    "users",
    "courses",
    "course_sessions",
    "crm_leads",
    "legacy_completed_trainings",
    "legacy_imported_enrollments",
    "enrollments",
    "payments",
    "attendances",
  ];
  const digests: Record<string, string> = {};
  for (const table of tables) {
    const rows = await test.query(`select to_jsonb(t)::text as row from ${table} t order by 1`);
    digests[table] = createHash("sha256")
      .update(rows.map(({ row }) => row).join("\n"))
      .digest("hex");
  }
  return digests;
}
