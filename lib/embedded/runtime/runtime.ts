import { join } from "node:path";
import { type FunctionHost, startFunctionHost } from "../functions/host.ts";
import { type Identities, openIdentities } from "../identity/identities.ts";
import { startMailService } from "../mail/service.ts";
import { type PagesOptions, startPagesService } from "../pages/service.ts";
import { startRdsDataService } from "../rds-data/service.ts";
import { startS3Service } from "../s3/service.ts";
import { loadStateMachines } from "../states/load.ts";
import { startStatesService } from "../states/service.ts";
import { type LocalDatabase, localDatabase } from "./database.ts";
import { awsEnvironment, peoplesSettings } from "./environment.ts";
import { type Home, type Secrets, secretsOf } from "./home.ts";
import { functionFiles, machineNames, substitutions } from "./machines.ts";
import { ARNS, BUCKET } from "./names.ts";
import { type Ports, portsOf } from "./ports.ts";
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
  await using parts = new AsyncDisposableStack();
  parts.defer(() => leaveHome(home));
  const identities = await openIdentities(home.folder);
  const base = { options, secrets, ports: await portsOf(home), identities, parts };

  const database = await startDatabase(base);
  const urls: Record<string, string> = {};
  urls["rds-data"] = await startData(base, database);
  urls.s3 = await startObjects(base);
  urls.mail = await startOutbox(base);
  const functions = startFunctions(base, await functionFiles(join(options.product, "functions")), {
    urls,
    database: database.name,
    keys: await identities.service(),
  });
  urls.pages = await startPages(base, functions);
  urls.states = await startStates(base, functions);
  await base.ports.save();

  const file: RuntimeFile = {
    ...mark,
    started: new Date().toISOString(),
    urls,
    database: { own: database.own, address: database.address, adminUrl: database.adminUrl },
    environment: awsEnvironment(urls, database.name),
  };
  await announce(home, file);
  const running = parts.move();
  return { file, close: () => running.disposeAsync() };
}

async function startDatabase({ options, secrets, ports, parts }: Base): Promise<LocalDatabase> {
  const own = options.environment.WAVEGATE_DATABASE_URL || undefined;
  const database = await localDatabase(options.home, secrets, ports, own);
  parts.defer(() => database.stop());
  return database;
}

/** Starts a part on the port it had the last time, and sees to its end. */
async function start(
  { ports, parts }: Base,
  part: string,
  service: (port: number) => Promise<{ readonly url: string; close(): Promise<void> }>,
): Promise<string> {
  const { url, close } = await service(await ports.preferred(part));
  parts.defer(close);
  ports.note(part, url);
  return url;
}

const startData = (base: Base, database: LocalDatabase): Promise<string> =>
  start(base, "rds-data", (port) =>
    startRdsDataService({
      roles: {
        [ARNS.adminSecret]: { connectionString: database.adminUrl },
        [ARNS.stageSecret]: { connectionString: database.stageUrl },
        [ARNS.commitSecret]: { connectionString: database.commitUrl },
        [ARNS.operatorSecret]: { connectionString: database.operatorUrl },
      },
      resourceArn: ARNS.cluster,
      authenticate: base.identities.authenticate,
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
      buckets: [BUCKET],
      authenticate: base.identities.authenticate,
      port,
      onFault: (error) => base.options.onFault("s3", error),
    }),
  );

/** The functions see one environment: this machine's AWS, their own keys, and people's settings. */
function startFunctions(
  { options, secrets, parts }: Base,
  functions: Readonly<Record<string, string>>,
  about: {
    /** Filled as the parts start. */
    readonly urls: Readonly<Record<string, string>>;
    readonly database: string;
    readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  },
): FunctionHost {
  const host = startFunctionHost({
    functions,
    environment: () => ({
      WAVEGATE_MAIL_FROM: "wavegate@localhost",
      ...peoplesSettings(options.workingDirectory, options.environment),
      ...awsEnvironment(about.urls, about.database),
      AWS_ACCESS_KEY_ID: about.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: about.keys.secretAccessKey,
      WAVEGATE_TOKEN_KEY: secrets.tokenKey,
    }),
    log: ({ functionName, text }) => options.onLog(`${functionName}: ${text}`),
  });
  parts.defer(() => host.close());
  return host;
}

const startPages = (base: Base, functions: FunctionHost): Promise<string> =>
  start(base, "pages", (port) =>
    startPagesService({
      verifyPassword: base.identities.verifyPassword,
      invoke: async (event) =>
        (await functions.invoke("sign-off-pages", event)) as Awaited<
          ReturnType<PagesOptions["invoke"]>
        >,
      port,
    }),
  );

const startOutbox = (base: Base): Promise<string> =>
  start(base, "mail", (port) =>
    startMailService({
      directory: base.options.home.outbox,
      authenticate: base.identities.authenticate,
      port,
    }),
  );

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
      port,
    }),
  );
}
