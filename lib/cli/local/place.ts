import { userInfo } from "node:os";
import { ADMINISTRATOR, openIdentities, type Person } from "../../embedded/identity/identities.ts";
import { stateOfCode } from "../../embedded/runtime/code-state.ts";
import { type Home, homeAt } from "../../embedded/runtime/home.ts";
import { holderOf, type RuntimeFile, readyRuntime } from "../../embedded/runtime/runtime-file.ts";
import { CannotRun } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Place } from "../place.ts";
import { didYouMean } from "../suggest.ts";

/** What runs answers by the files that it was started from, and a command asks by these. Errors: {@link CannotRun}. */
export function requireSameCode(runtime: RuntimeFile, home: Home): RuntimeFile {
  if (runtime.code === stateOfCode()) return runtime;
  throw new CannotRun(
    "OtherVersion",
    `The runtime in ${home.folder} (process ${runtime.pid}) was started from another version of wavegate than this one. Nothing was written. \`wavegate local down\`, then \`wavegate local up\`: what is under way goes on.`,
  );
}

/** The runtime of this folder, when it is ready. Errors: {@link CannotRun}. */
export async function runningRuntime(home: Home): Promise<RuntimeFile> {
  const runtime = await readyRuntime(home);
  if (runtime !== undefined) return requireSameCode(runtime, home);
  const holder = await holderOf(home);
  throw new CannotRun(
    "RuntimeNotRunning",
    holder === undefined
      ? `No runtime runs in ${home.folder}. Nothing was written. Start it with \`wavegate local up\`.`
      : `The runtime in ${home.folder} (process ${holder.pid}) is not ready yet. Nothing was written. Look at ${home.log}, or try again.`,
  );
}

/** This machine's runtime as the person of `WAVEGATE_PERSON`, by default the OS user. */
export async function localPlace(io: Io): Promise<Place> {
  const home = homeAt(io.env, io.cwd);
  const runtime = await runningRuntime(home);
  const person = await personOf(io, home);
  return {
    name: "local",
    settings: runtime.environment,
    credentials: { accessKeyId: person.accessKeyId, secretAccessKey: person.secretAccessKey },
    administrator: await (await openIdentities(home.folder)).callerKeys(ADMINISTRATOR),
    person: person.name,
  };
}

/** The person in whose name the CLI calls. Errors: {@link CannotRun} when there is nobody of the name. */
export async function personOf(io: Io, home: Home): Promise<Person> {
  const name = io.env.WAVEGATE_PERSON || operatorName(io);
  const people = await (await openIdentities(home.folder)).list();
  const named = (wanted: string) => people.find((person) => same(person.name, wanted));
  // Of a machine that was set up before nobody could be called so.
  const found = named(name) ?? (io.env.WAVEGATE_PERSON ? undefined : named(userName(io)));
  if (found !== undefined) return found;
  const names = people.map((person) => person.name);
  throw new CannotRun(
    "UnknownPerson",
    `There is nobody named “${name}” here.${didYouMean(name, names)} Nothing was written. Choose one with WAVEGATE_PERSON, or add one with \`wavegate people add\`.`,
  );
}

/** Names that are nobody's, as the logs call the engine and whoever gives permissions so (`schema/014-people.sql`). */
const nobodys = ["wavegate", "administrator"];

/** The name of whoever sits at this machine. */
export function operatorName(io: Io, user: () => string = () => userInfo().username): string {
  const name = userName(io, user);
  return nobodys.some((each) => same(each, name)) ? "operator" : name;
}

function userName(io: Io, user: () => string = () => userInfo().username): string {
  try {
    return user();
  } catch {
    // A container may run under a number without a name.
    return io.env.USER || "operator";
  }
}

const same = (left: string, right: string) =>
  left.normalize("NFKC").toLowerCase() === right.normalize("NFKC").toLowerCase();
