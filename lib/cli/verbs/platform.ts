import type { Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { isLocal } from "../place.ts";

/**
 * Holds the platform that somebody names against the one of this machine's runtime: a run never goes to another than
 * was meant. The password is never an argument, which every user of the machine can read.
 */
export async function requirePlatform({ io }: Frame, dsn: string | undefined): Promise<void> {
  if (dsn === undefined) return;
  if (!isLocal(io)) {
    throw new CannotRun(
      "NotHere",
      "On AWS the deployment says which database the platform is: --db-dsn is for one machine. Nothing was written.",
    );
  }
  const wanted = read(dsn);
  if (wanted.password !== "") {
    throw new CannotRun(
      "Usage",
      "--db-dsn takes no password, which every user of this machine could read: WAVEGATE_DATABASE_URL keeps it. Nothing was written.",
    );
  }
  const { homeAt } = await import("../../embedded/runtime/home.ts");
  const { runningRuntime } = await import("../local/place.ts");
  const { database } = await runningRuntime(homeAt(io.env, io.cwd));
  requireSame(wanted, read(database.adminUrl));
}

/** Errors: `AnotherPlatform`. */
export function requireSame(wanted: URL, found: URL): void {
  if (placeOf(wanted) === placeOf(found)) return;
  throw new CannotRun(
    "AnotherPlatform",
    `The runtime of this folder serves ${placeOf(found)}, and not ${placeOf(wanted)}. Nothing was written; ` +
      "`wavegate local down`, then WAVEGATE_DATABASE_URL=… wavegate local up.",
  );
}

function read(dsn: string): URL {
  const url = URL.parse(dsn);
  if (url === null || !/^postgres(?:ql)?:$/u.test(url.protocol)) {
    throw new CannotRun(
      "Usage",
      "--db-dsn is the address of a PostgreSQL database, such as postgresql://postgres@127.0.0.1:5432/platform. Nothing was written.",
    );
  }
  return url;
}

const placeOf = ({ hostname, port, pathname }: URL): string =>
  `${hostname === "localhost" ? "127.0.0.1" : hostname}:${port || "5432"}${pathname}`;
