import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleFunctions } from "../lib/infra/bundles.ts";
import { functionNames, functions } from "../lib/infra/functions.ts";

/** A bundle: its bytes, and how long a fresh Node takes until its handler can be called. */
interface MeasuredBundle {
  readonly name: string;
  readonly bytes: number;
  readonly milliseconds: number;
  /** Memory of the process then. */
  readonly mebibytes: number;
}

/** Bytes of JavaScript in a bundle, without source maps. */
export async function bytesOf(folder: string): Promise<number> {
  const files = (await readdir(join(folder, "bundle"))).filter((file) => file.endsWith(".mjs"));
  const sizes = await Promise.all(files.map((file) => stat(join(folder, "bundle", file))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

const loads = 5;

/** Loads a bundle in a fresh process several times; the median counts. */
async function load(file: string): Promise<{ milliseconds: number; mebibytes: number }> {
  const script = `const began = performance.now();
    await import(${JSON.stringify(pathToFileURL(file).href)});
    process.stdout.write(JSON.stringify({ milliseconds: performance.now() - began,
      mebibytes: process.memoryUsage.rss() / 1048576 }));`;
  const results: { milliseconds: number; mebibytes: number }[] = [];
  for (let n = 0; n < loads; n += 1) results.push(JSON.parse(await run(script)));
  results.sort((left, right) => left.milliseconds - right.milliseconds);
  return results[Math.floor(loads / 2)] as (typeof results)[number];
}

function run(script: string): Promise<string> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => {
    output += data;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`A bundle could not be loaded (exit ${code}).`));
    });
  });
}

/** Measures every bundle. */
async function measureBundles(): Promise<MeasuredBundle[]> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-bundles-"));
  try {
    const bundles = await bundleFunctions(join(folder, "bundles"));
    const measured: MeasuredBundle[] = [];
    for (const name of functionNames) {
      const loaded = await load(join(bundles[name], "bundle", `${name}.mjs`));
      measured.push({ name, bytes: await bytesOf(bundles[name]), ...loaded });
    }
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const measured = await measureBundles();
  console.log("| function | minified, kB | load, ms | memory, MiB | deployed with, MiB |");
  console.log("|---|--:|--:|--:|--:|");
  for (const { name, bytes, milliseconds, mebibytes } of measured) {
    const { memory } = functions[name as keyof typeof functions];
    console.log(
      `| ${name} | ${Math.round(bytes / 1_000)} | ${Math.round(milliseconds)} | ${Math.round(mebibytes)} | ${memory} |`,
    );
  }
}
