import { execFile } from "node:child_process";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { RunningPostgres } from "../../lib/embedded/postgres/start.ts";
import { startTestPostgres } from "../../test/support/server.ts";

const run = promisify(execFile);

/** A PostgreSQL whose every start can be from the same contents, with the files that go with templates of databases. */
export class Server {
  readonly templates: string;
  readonly #folder: string;
  #running: RunningPostgres | undefined;
  #data = "";

  /** @param folder of its own */
  constructor(folder: string) {
    this.#folder = folder;
    this.templates = join(folder, "templates");
  }

  /** Starts it, and returns the superuser's connection string. */
  async start(): Promise<string> {
    await mkdir(this.templates, { recursive: true });
    this.#running ??= await startTestPostgres(join(this.#folder, "server"));
    const { url } = this.#running;
    if (this.#data === "") {
      const [told] = await this.query<{ data_directory: string }>("show data_directory");
      this.#data = told?.data_directory ?? "";
    }
    return url;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** @param database another one than its first */
  async query<Row extends pg.QueryResultRow>(text: string, database?: string): Promise<Row[]> {
    const to = new URL(this.#running?.url ?? "");
    if (database !== undefined) to.pathname = `/${database}`;
    const client = new pg.Client({ connectionString: to.href });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Keeps what it holds, under a name; it has to be stopped. */
  async keep(name: string): Promise<void> {
    const kept = join(this.#folder, name);
    await rm(kept, { recursive: true, force: true });
    await mkdir(kept);
    await copied(this.#data, join(kept, "data"));
    await cp(this.templates, join(kept, "templates"), { recursive: true });
  }

  /** Puts back what it held when that was kept; it has to be stopped. */
  async putBack(name: string): Promise<void> {
    const kept = join(this.#folder, name);
    await rm(this.#data, { recursive: true, force: true });
    await rm(this.templates, { recursive: true, force: true });
    await copied(join(kept, "data"), this.#data);
    await cp(join(kept, "templates"), this.templates, { recursive: true });
  }

  /** Removes what was made once for others to copy. */
  async forget(templates: readonly string[]): Promise<void> {
    for (const template of templates) {
      await this.query(`drop database if exists "${template}" with (force)`);
      await rm(join(this.templates, template.replace(/^template_/, "")), {
        recursive: true,
        force: true,
      });
    }
  }
}

/** With its owner, which may not be who copies it. */
const copied = (from: string, to: string) => run("cp", ["-a", from, to]);
