import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { homeAt } from "../../embedded/runtime/home.ts";
import { MANIFEST } from "../../evidence/manifest.ts";
import { verifyBundle } from "../../evidence/verify-bundle.ts";
import { writeWhole } from "../../services/whole-file.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runningRuntime } from "../local/place.ts";
import { allMigrations, projectFolder } from "../migrations.ts";
import { printable } from "../table.ts";
import { askingUrl } from "./ask-url.ts";

export interface VerifyBundle {
  readonly bundle: string;
  readonly output: string;
  readonly format: string;
  readonly verbose?: true;
  readonly strict?: true;
  readonly database?: string;
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** What a migration's folder may have beside its definition, `verification/index.ts`: how its bundles are verified. */
interface Verifier {
  verifyMigration(of: {
    readonly bundle: string;
    readonly folder: string;
    readonly format: string;
    readonly output: string;
    readonly verbose: boolean;
    readonly strict: boolean;
    readonly now: () => Date;
    readonly say: (line: string) => void;
    readonly asking: <T>(work: (ask: (text: string) => Promise<Rows>) => Promise<T>) => Promise<T>;
    readonly write: (text: string) => Promise<void>;
  }): Promise<{ readonly passed: boolean }>;
}

/** `wavegate verify --bundle DIR`: holds a bundle against the platform. Exit 0 passed, 1 failed, 2 it could not be asked. */
export async function verifyBundleOf(frame: Frame, options: VerifyBundle): Promise<Answer> {
  const { io, say } = frame;
  const folder = resolve(io.cwd, options.bundle);
  const verifier = await verifierOf(folder);
  await requireWhole(folder);
  const url = await databaseOf(frame, options.database);
  try {
    const { passed } = await verifier.verifyMigration({
      bundle: options.bundle,
      folder,
      format: options.format,
      output: options.output,
      verbose: options.verbose === true,
      strict: options.strict === true,
      now: () => new Date(),
      // A bundle that somebody made up steers no terminal.
      say: (line) => say(printable(line)),
      asking: (work) => askingUrl(url, work),
      write: (text) =>
        writeReport(resolve(io.cwd, options.output), text.split("\n").map(printable).join("\n")),
    });
    return { exit: passed ? 0 : 1, text: [], json: null };
  } catch (error) {
    throw cannotRun(error);
  }
}

/** Whatever keeps a verification from its end is no verdict: exit 2. */
function cannotRun(error: unknown): CannotRun {
  if (error instanceof CannotRun) return error;
  const known = error instanceof Error ? error : new Error(String(error));
  if (known.name === "BundleUnreadable" || known.name === "NothingToVerify")
    return new CannotRun(known.name, known.message);
  const code = (error as { code?: unknown }).code;
  return new CannotRun(
    "PlatformUnfit",
    `The platform's database cannot be asked what it holds (${typeof code === "string" ? code : known.name}). Nothing was verified; name the database that the migration wrote to with --database.`,
    { cause: error },
  );
}

/** Of the migration that the bundle is of, or of the only one that has one. */
async function verifierOf(folder: string): Promise<Verifier> {
  const fileOf = (name: string) => join(projectFolder, "migrations", name, "verification/index.ts");
  const able = allMigrations()
    .map(({ name }) => name)
    .filter((name) => existsSync(fileOf(name)));
  const named = await migrationOf(folder);
  const name = named === undefined ? able[0] : able.find((each) => each === named);
  if (name === undefined)
    throw new CannotRun(
      "NothingToVerifyBy",
      `No migration says how a bundle of ${named ?? "this kind"} is held against a platform. Nothing was verified; \`wavegate audit verify FOLDER\` verifies a bundle by itself.`,
    );
  return (await import(pathToFileURL(fileOf(name)).href)) as Verifier;
}

/** A bundle with a manifest holds by itself, or what the platform agrees with is not what was exported (W12). */
async function requireWhole(folder: string): Promise<void> {
  if (!existsSync(join(folder, MANIFEST))) return;
  const { checks } = await verifyBundle(folder);
  const wrong = checks.find(({ passed }) => !passed);
  if (wrong === undefined) return;
  throw new CannotRun(
    "BundleUnreadable",
    `The bundle contradicts itself (${wrong.name}: ${wrong.message}), so nothing was held against the platform. \`wavegate audit verify ${folder}\` says all of it; pull it anew.`,
  );
}

/** What a manifest says the bundle is of; other bundles of that shape have none. */
async function migrationOf(folder: string): Promise<string | undefined> {
  try {
    const { migration } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
    return typeof migration === "string" ? migration : undefined;
  } catch {
    return undefined;
  }
}

async function databaseOf({ io }: Frame, url: string | undefined): Promise<string> {
  const named = url ?? io.env.DATABASE_URL;
  if (named) return named;
  return (await runningRuntime(homeAt(io.env, io.cwd))).database.adminUrl;
}

async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeWhole(file, text);
  } catch {
    throw new CannotRun(
      "FileNotWritten",
      `The report could not be written to ${relative(process.cwd(), file)}. Everything was verified; name another file with --output.`,
    );
  }
}
