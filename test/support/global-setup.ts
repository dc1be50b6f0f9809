import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startTestPostgres } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The superuser's connection string to the one PostgreSQL of this test run. */
    postgresUrl: string;
    /** A folder of this test run, for files that go with templates of databases. */
    templates: string;
  }
}

/**
 * Starts one PostgreSQL for the whole run; each test file takes databases of its own from it. Node keeps what it
 * compiled for all processes of the run: a command starts in half the time.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), "wavegate-test-"));
  process.env.NODE_COMPILE_CACHE ??= join(directory, "compiled");
  const postgres = await startTestPostgres(directory);
  project.provide("postgresUrl", postgres.url);
  const templates = join(directory, "templates");
  await mkdir(templates, { recursive: true });
  project.provide("templates", templates);
  return async () => {
    await postgres.stop();
    // A process that is just ending still keeps what it compiled.
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
}
