import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";
import { inject } from "vitest";
import { asBundled, foundMigrations } from "../../lib/infra/bundles.ts";
import type {} from "./global-setup.ts";

const root = resolve(import.meta.dirname, "../..");

let made: Promise<string> | undefined;

/**
 * A folder for `WAVEGATE_PRODUCT`: the sources of this moment, bundled once in a test run as a deployment bundles them,
 * so that a function of a runtime starts in half the time.
 */
export const bundledProduct = (): Promise<string> => {
  made ??= bundle(join(inject("templates"), "product"));
  return made;
};

async function bundle(folder: string): Promise<string> {
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  const functions = join(draft, "functions");
  await mkdir(functions, { recursive: true });
  const names = (await readdir(join(root, "functions"))).map((file) => basename(file, ".ts"));
  await build({
    ...asBundled,
    entryPoints: names.map((name) => ({ in: `functions/${name}.ts`, out: name })),
    outdir: functions,
    logLevel: "error",
    plugins: [foundMigrations],
  });
  for (const name of names)
    await writeFile(join(functions, `${name}.ts`), `export { handler } from "./${name}.mjs";\n`);
  // What functions read beside themselves, and what the runtime reads of a product.
  await symlink(join(root, "lib/data"), join(draft, "data"));
  for (const beside of ["lib", "migrations", "statemachines"])
    await symlink(join(root, beside), join(draft, beside));
  await rename(draft, folder).catch(async (error: NodeJS.ErrnoException) => {
    // Another process of the test run was faster; its bundle is as good.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    await rm(draft, { recursive: true });
  });
  return folder;
}
