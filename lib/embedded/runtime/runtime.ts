import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type FunctionHost, startFunctionHost } from "../functions/host.ts";
import { ADMINISTRATOR, type Identities, openIdentities } from "../identity/identities.ts";
import type { KeyPair } from "../identity/signature.ts";
import { startKmsService } from "../kms/service.ts";
import { startMailService } from "../mail/service.ts";
import { startPagesService } from "../pages/service.ts";
import { startRdsDataService } from "../rds-data/service.ts";
import { startS3Service } from "../s3/service.ts";
import { loadStateMachines } from "../states/load.ts";
import { startStatesService } from "../states/service.ts";
import { type Allowed, allowedBy, callersOf } from "./allowed.ts";
import { stateOfCode } from "./code-state.ts";
import { type LocalDatabase, localDatabase } from "./database.ts";
import { stateOfDefinitions } from "./definitions.ts";
import {
  awsEnvironment,
  peoplesSettings,
  secretsEnvironment,
  withDotEnv,
  withoutSources,
} from "./environment.ts";
import { type Home, type Secrets, secretsOf, stampKeyOf } from "./home.ts";
import { functionFiles, machineNames, substitutions } from "./machines.ts";
import { ARNS, BUCKET, FILES, LOCKED, secretName } from "./names.ts";
import { type Ports, portsOf } from "./ports.ts";
import { type RoleSecret, roleSecretReader } from "./role-secrets.ts";
import { handledBy } from "./routes.ts";
import { announce, leaveHome, type RuntimeFile, takeHome } from "./runtime-file.ts";

/** What a runtime is started with. */
export interface RuntimeOptions {
  readonly home: Home;
  /** Folder with `functions/` and `statemachines/`. */
  readonly product: string;
  /** Where `.env` is looked for. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Lines that functions write. */
  readonly onLog: (line: string) => void;
  /** Told of faults of the stand-ins themselves; never personal data. */
  readonly onFault: (what: string, error: unknown) => void;
}

export interface Runtime {
  readonly file: RuntimeFile;
  /** Ends everything in good order; what is under way goes on after the next start. */
  close(): Promise<void>;
}

/** What the parts share. */
interface Base {
  readonly options: RuntimeOptions;
  readonly secrets: Secrets;
  readonly ports: Ports;
  readonly identities: Identities;
  readonly allowed: Allowed;
  /** Of the database roles, by the secrets' names. */
  readonly roleSecrets: () => Readonly<Record<string, RoleSecret>>;
  /** What must be ended, the last one first. */
  readonly parts: AsyncDisposableStack;
}

/**
 * Starts AWS on one machine in a folder, and announces it there when all of it answers.
 *
 * @throws {AlreadyRunning} when a living process holds the folder
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { home } = options;
  const secrets = await secretsOf(home);
  const mark = await takeHome(home);
  const code = stateOfCode();
  await using parts = new AsyncDisposableStack();
  parts.defer(() => leaveHome(home));
  const identities = await openIdentities(home.folder);
  await identities.callerKeys(ADMINISTRATOR);
  const allowed = await allowedBy(options.product);
  const ports = await portsOf(home);
  const roleSecrets = roleSecretReader(home);
  const base = { options, secrets, ports, identities, allowed, roleSecrets, parts };

  const database = await startDatabase(base);
  const urls: Record<string, string> = {};
  urls["rds-data"] = await startData(base, database);
  urls.s3 = await startObjects(base);
  urls.mail = await startOutbox(base);
  urls.kms = await startKeys(base);
  const files = await functionFiles(join(options.product, "functions"));
  const functions = startFunctions(base, files, {
    urls,
    database: database.name,
    keys: await keysOf(base, Object.keys(files)),
  });
  urls.pages = await startPages(base, functions);
  urls.states = await startStates(base, functions);
  eraseNowAndThen(base, functions);
  await base.ports.save();

  const file: RuntimeFile = {
    ...mark,
    started: new Date().toISOString(),
    urls,
    database: { own: database.own, address: database.address, adminUrl: database.adminUrl },
    environment: awsEnvironment(urls, database.name),
    code,
  };
  await announce(home, file);
  const running = parts.move();
  return { file, close: () => running.disposeAsync() };
}

async function startDatabase({ options, ports, parts }: Base): Promise<LocalDatabase> {
  const settings = withDotEnv(options.workingDirectory, options.environment);
  const own = settings.WAVEGATE_DATABASE_URL || undefined;
  const database = await localDatabase(options.home, ports, own, options.onLog);
  parts.defer(() => database.stop());
  return database;
}

/** Starts a part on the port it had the last time, or on any where that was taken meanwhile, and sees to its end. */
async function start(
  { ports, parts }: Base,
  part: string,
  service: (port: number) => Promise<{ readonly url: string; close(): Promise<void> }>,
): Promise<string> {
  const { url, close } = await service(await ports.preferred(part)).catch((error) => {
    if (error.code !== "EADDRINUSE") throw error;
    return service(0);
  });
  parts.defer(close);
  ports.note(part, url);
  return url;
}

const startData = (base: Base, database: LocalDatabase): Promise<string> =>
  start(base, "rds-data", (port) =>
    startRdsDataService({
      roles: (arn) => {
        if (arn === ARNS.adminSecret) return { connectionString: database.adminUrl };
        const secret = base.roleSecrets()[secretName(arn) ?? ""];
        return secret && { connectionString: database.as(secret) };
      },
      resourceArn: ARNS.cluster,
      authenticate: base.identities.authenticate,
      mayUse: base.allowed.secret,
      port,
      log: ({ defect }) => {
        if (defect !== undefined) base.options.onFault("rds-data", defect);
      },
    }),
  );

const startObjects = (base: Base): Promise<string> =>
  start(base, "s3", (port) =>
    startS3Service({
      directory: base.options.home.objects,
      buckets: [BUCKET, FILES],
      locked: LOCKED,
      authenticate: base.identities.authenticate,
      authorize: (caller, operation, bucket) =>
        base.allowed.require(caller, "s3", operation, bucket),
      port,
      onFault: (error) => base.options.onFault("s3", error),
    }),
  );

/** What signs the requests of each function, so that the stand-ins know what whoever asks may do. */
const keysOf = async (
  { identities, allowed }: Base,
  functions: readonly string[],
): Promise<ReadonlyMap<string, KeyPair>> =>
  new Map(
    await Promise.all(
      [...callersOf(allowed, functions)].map(
        async ([name, caller]) => [name, await identities.callerKeys(caller)] as const,
      ),
    ),
  );

/**
 * What a function sees: this machine's AWS, its keys, and of secrets and people's settings those
 * that are its business. One that opens no task token and signs no stamp has keys that do neither.
 */
function startFunctions(
  { options, secrets, allowed, roleSecrets, parts }: Base,
  functions: Readonly<Record<string, string>>,
  about: {
    /** Filled as the parts start. */
    readonly urls: Readonly<Record<string, string>>;
    readonly database: string;
    readonly keys: ReadonlyMap<string, KeyPair>;
  },
): FunctionHost {
  const noKey = randomBytes(32).toString("base64");
  const host = startFunctionHost({
    functions,
    environment: (name) => {
      const uses = allowed.uses(name);
      const settings = peoplesSettings(options.workingDirectory, options.environment);
      const keys = about.keys.get(name);
      return {
        WAVEGATE_MAIL_FROM: "wavegate@localhost",
        ...(uses.has("source") ? settings : withoutSources(settings)),
        ...awsEnvironment(about.urls, about.database),
        ...secretsEnvironment(uses, Object.keys(roleSecrets())),
        AWS_ACCESS_KEY_ID: keys?.accessKeyId ?? "",
        AWS_SECRET_ACCESS_KEY: keys?.secretAccessKey ?? "",
        // Another one starts the function anew.
        WAVEGATE_DEFINITIONS: stateOfDefinitions(join(options.product, "migrations")),
        WAVEGATE_TOKEN_KEY: uses.has("tokens") ? secrets.tokenKey : noKey,
        WAVEGATE_STAMP_KEY: uses.has("stamps") ? stampKeyOf(secrets) : noKey,
      };
    },
    log: ({ functionName, text }) => options.onLog(`${functionName}: ${text}`),
  });
  parts.defer(() => host.close());
  return host;
}

const startPages = (base: Base, functions: FunctionHost): Promise<string> =>
  start(base, "pages", (port) =>
    startPagesService({
      verifyPassword: base.identities.verifyPassword,
      standingOf: base.identities.standingOf,
      changePassword: async (person, password, standing) => {
        const stands = await base.identities.changeOwnPassword(person, password, standing);
        await note(base, functions, { what: "password-changed", person, source: "sign-in pages" });
        return stands;
      },
      onWrongPassword: ({ name, source }) =>
        note(base, functions, { what: "sign-in-failed", person: name ?? null, source }),
      signedBy: base.identities.authenticate,
      signed: {
        "/executions": handledBy(functions, "start-execution"),
        "/decisions": handledBy(functions, "keep-decision"),
        "/looks": handledBy(functions, "look"),
      },
      served: { "/api/v1/me/profile-activity": handledBy(functions, "profile-activity") },
      open: (path) => path === "/healthz" || path.startsWith("/assets/") || path.endsWith("/"),
      invoke: handledBy(functions, "console"),
      port,
    }),
  );

/** Leaves a word in the security log; a database that is not set up yet keeps nobody from signing in. */
const note = async (base: Base, functions: FunctionHost, about: object): Promise<void> => {
  await functions
    .invoke("note-sign-in", about)
    .catch((error) => base.options.onFault("note-sign-in", error));
};

const startOutbox = (base: Base): Promise<string> =>
  start(base, "mail", (port) =>
    startMailService({
      directory: base.options.home.outbox,
      authenticate: async (request) => {
        const caller = await base.identities.authenticate(request);
        // Everything else is refused as unknown, by whoever it is asked.
        if (request.method === "POST") base.allowed.require(caller, "ses", "SendEmail");
        return caller;
      },
      port,
    }),
  );

const startKeys = (base: Base): Promise<string> =>
  start(base, "kms", (port) =>
    startKmsService({
      file: base.options.home.signingKey,
      keyArn: ARNS.signingKey,
      authenticate: base.identities.authenticate,
      authorize: (caller, operation) => base.allowed.require(caller, "kms", operation),
      port,
      onFault: (error) => base.options.onFault("kms", error),
    }),
  );

/** Milliseconds between looks at which runs are due to be erased: what a daily schedule does on AWS. */
const erasingEveryMs = 3_600_000;

/** Erases people of runs that are over long enough (B13), while this runs and where a time is set for it. */
function eraseNowAndThen(base: Base, functions: FunctionHost): void {
  const { options, parts } = base;
  const look = async () => {
    const settings = peoplesSettings(options.workingDirectory, options.environment);
    // A database that is not set up yet has no runs.
    if (!settings.WAVEGATE_ERASE_AFTER_DAYS || !("sign" in base.roleSecrets())) return;
    await functions.invoke("erase-due", {}).catch((error) => options.onFault("erase-due", error));
  };
  const timer = setInterval(look, erasingEveryMs);
  parts.defer(() => clearInterval(timer));
  void look();
}

async function startStates(base: Base, functions: FunctionHost): Promise<string> {
  const { home, product } = base.options;
  const folder = join(product, "statemachines");
  const names = Object.keys(await functionFiles(join(product, "functions")));
  const machines = await loadStateMachines(
    folder,
    substitutions(names, await machineNames(folder)),
  );
  return start(base, "states", (port) =>
    startStatesService({
      directory: home.executions,
      machines,
      invoke: (name, payload, { timeoutMs, signal }) =>
        functions.invoke(name, payload, {
          signal,
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
      authenticate: base.identities.authenticate,
      authorize: (caller, operation) => base.allowed.require(caller, "states", operation),
      port,
    }),
  );
}
