import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type FunctionName, functionNames, type Use } from "../../lib/infra/functions.ts";

const members: Readonly<Record<string, readonly Use[]>> = {
  stage: ["stage"],
  sign: ["sign"],
  commitOf: ["commit"],
  mail: ["mail"],
  signer: ["signatures"],
  openSource: ["source"],
  openFiles: ["files"],
  filesPlace: ["source"],
  copies: ["copies taken back"],
  tokens: ["tokens"],
  stamps: ["stamps"],
  "evidence.put": ["evidence"],
  "evidence.list": ["evidence list"],
  "evidence.get": ["evidence read"],
  "evidence.link": ["evidence read"],
  "executions.succeed": ["answer"],
  "executions.starter": ["starter"],
  "executions.start": ["start"],
  workflow: ["steps"],
  "executions.stop": ["end"],
};

/**
 * What each function's code uses, read from the code itself: bundled without the services, so that
 * only what is reachable from the handler is left, and searched for what it takes of them.
 */
export async function usesInCode(): Promise<Map<FunctionName, Set<Use>>> {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL("../../", import.meta.url)),
    entryPoints: functionNames.map((name) => `functions/${name}.ts`),
    outdir: "anywhere",
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    packages: "external",
    plugins: [
      {
        name: "without-services",
        setup({ onResolve }) {
          onResolve({ filter: /\/create\.ts$/ }, () => ({ path: "services", external: true }));
        },
      },
    ],
  });
  return new Map(functionNames.map((name, n) => [name, usesIn(outputFiles[n]?.text ?? "")]));
}

function usesIn(text: string): Set<Use> {
  const uses = new Set<Use>();
  for (const taken of takenOf(text)) {
    for (const use of members[taken] ?? []) uses.add(use);
  }
  if (/\bcopies\d*\.put\(/.test(text)) uses.add("copies");
  if (/\badmin\b[^\n]*=\s*openDatabase\(/.test(text)) uses.add("admin");
  if (/secretArn:\s*WAVEGATE_SERVE_SECRET_ARN/.test(text)) uses.add("serve");
  if (/paginateGetExecutionHistory\(/.test(text)) uses.add("watch");
  return uses;
}

/** Members of `services` that code takes, by a point or by taking it apart. */
function* takenOf(text: string): Generator<string> {
  for (const [, member, inner] of text.matchAll(/\bservices\d*\.(\w+)(?:\.(\w+))?/g)) {
    yield `${member}`;
    yield `${member}.${inner}`;
  }
  for (const [, inner] of text.matchAll(/\bexecutions\d*\.(\w+)/g)) yield `executions.${inner}`;
  for (const [, inner] of text.matchAll(/\b(?:evidence|store)\d*\.(put|get|list|link)\(/g)) {
    yield `evidence.${inner}`;
  }
  const takenApart =
    /(?:function \w+\(|\(|(?:const|let) )\s*\{([^{}]*)\}(?:\s*=\s*services\b|[^()]*\)\s*(?:=>|\{))/g;
  for (const [, names = ""] of text.matchAll(takenApart)) {
    for (const each of names.split(",")) {
      const member = each.trim().split(/[:=\s]/)[0] ?? "";
      if (
        [
          "stage",
          "sign",
          "commitOf",
          "mail",
          "openSource",
          "openFiles",
          "filesPlace",
          "tokens",
          "stamps",
        ].includes(member)
      )
        yield member;
    }
  }
}
