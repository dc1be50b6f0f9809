import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningPostgres, startPostgres } from "../../lib/embedded/postgres/start.ts";

/** A server with a standby that is behind: what the server said was committed since, the standby never got. */
export interface WithStandby {
  /** The superuser's connection string to whichever of them serves. */
  readonly url: string;
  /** From here on the standby gets nothing any more. */
  fallBehind(): void;
  /** The server is gone at once, with every connection, and the standby serves in its place. */
  failOver(): void;
  /** Resolves when it does. */
  settled(): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts one; whatever connects goes through a door that stays where it is. */
export async function startWithStandby(): Promise<WithStandby> {
  const folder = await mkdtemp(join(tmpdir(), "standby-"));
  await chmod(folder, 0o711);
  const placeOf = (n: number) => join(folder, `server-${n}`);
  const start = (n: number) => startPostgres({ directory: placeOf(n), isolation: "namespace" });
  let n = 0;
  let server: Promise<RunningPostgres> = start(n);
  const { url } = await server;
  const open = new Set<Socket>();
  const door = createServer((near) => {
    open.add(near);
    near.on("error", () => {}).on("close", () => open.delete(near));
    void server.then(({ port }) => {
      const far = connect(port, "127.0.0.1");
      far.on("error", () => near.destroy()).on("close", () => near.destroy());
      near.on("close", () => far.destroy());
      near.pipe(far).pipe(near);
    });
  });
  await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
  const processes = (): number[] => {
    const pid = execFileSync("head", ["-n", "1", join(placeOf(n), "data/postmaster.pid")]);
    const children = execFileSync("pgrep", ["-P", String(pid).trim()]);
    return `${pid}${children}`.trim().split("\n").map(Number);
  };
  const signal = (name: NodeJS.Signals) => {
    for (const pid of processes()) process.kill(pid, name);
  };
  return {
    url: Object.assign(new URL(url), { port: String((door.address() as AddressInfo).port) }).href,
    fallBehind: () => {
      // Of one moment, as a log that breaks off there: it is recovered as a crashed server is.
      signal("SIGSTOP");
      const standby = placeOf(n + 1);
      execFileSync("cp", ["-a", placeOf(n), standby]);
      execFileSync("rm", ["-f", join(standby, "data/postmaster.pid"), join(standby, "owner.json")]);
      signal("SIGCONT");
    },
    failOver: () => {
      const gone = server;
      signal("SIGSTOP");
      for (const socket of open) socket.destroy();
      signal("SIGKILL");
      server = gone
        .then((former) => former.stop())
        .then(() => {
          n += 1;
          return start(n);
        });
    },
    settled: () => server,
    stop: async () => {
      await (await server).stop();
      door.close();
      for (const socket of open) socket.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
