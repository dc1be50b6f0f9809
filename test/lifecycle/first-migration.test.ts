import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { approveThroughLink, digestInMail } from "../../scripts/demo/approver.ts";
import { Shell } from "../../scripts/demo/shell.ts";

const project = resolve(import.meta.dirname, "../..");
const copied = ["bin", "functions", "lib", "migrations", "statemachines", "test/gym"];
const files = [".gitignore", "biome.json", "package.json", "tsconfig.json"];
let root: string;
let shell: Shell;
let page: string;

beforeAll(async () => {
  page = await readFile(join(project, "docs/first-migration.md"), "utf8");
  root = await mkdtemp(join(tmpdir(), "wavegate-first-"));
  for (const name of [...copied, ...files]) {
    await cp(join(project, name), join(root, name), { recursive: true });
  }
  await symlink(join(project, "node_modules"), join(root, "node_modules"));
  shell = new Shell(root, settings);
});
afterAll(async () => {
  await shell.quiet("local down").catch(() => {});
  await rm(root, { recursive: true, force: true });
});

/** Nothing of this machine's own settings counts, as on a new user's. */
const settings = {
  NO_COLOR: "1",
  WAVEGATE_HOME: "",
  WAVEGATE_ENV: "local",
  WAVEGATE_DATABASE_URL: "",
  WAVEGATE_PERSON: "",
};

const blocks = (kind: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\`$`, "gmsu"))].map(
    ([, text]) => text ?? "",
  );
const block = (kind: string): string => blocks(kind).join("");

/** Commands in order, each with the lines that the page shows of its output. */
const steps = (text: string): { command: string; shown: string[] }[] =>
  text
    .split(/^\$ /mu)
    .slice(1)
    .map((step) => {
      const [command = "", ...shown] = step.trimEnd().split("\n");
      return { command, shown };
    });

const reference = /gym-\d{8}-[0-9a-f]{4}/gu;

/** What the page shows as a pattern: `…` is what was cut, and clocks, runs and digests are other ones. */
function pattern(shown: readonly string[]): RegExp {
  const lines = shown.map((line) => {
    if (line === "…") return "(?:.*\n)*?";
    const exact = line.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&");
    return `${exact
      .replaceAll("…", ".*")
      .replaceAll(/\d\d:\d\d:\d\d/gu, "\\d\\d:\\d\\d:\\d\\d")
      .replaceAll(reference, "gym-\\d{8}-[0-9a-f]{4}")
      // Where a drill takes it back between two looks, that is what is told of a wave.
      .replace(/(wave 1: verified), clean.*/u, "$1, (?:clean|and taken back since).*")}\n`;
  });
  return new RegExp(`^${lines.join("")}$`, "u");
}

/** Changes the definition as the page's diff says; what it takes away stands there once. */
async function applyDiff(diff: string): Promise<void> {
  const file = join(root, "migrations/gym/definition.ts");
  let text = await readFile(file, "utf8");
  for (const hunk of diff.split(/^@@.*\n/mu)) {
    const lines = hunk.trimEnd().split("\n");
    const side = (sign: string) =>
      lines
        .filter((line) => line[0] === " " || line[0] === sign)
        .map((line) => `${line.slice(1)}\n`);
    const before = side("-").join("");
    expect(text.split(before), before).toHaveLength(2);
    text = text.replace(before, () => side("+").join(""));
  }
  await writeFile(file, text);
}

async function customers(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query("select count(*)::int as rows from customers")).rows[0].rows;
  } finally {
    await client.end();
  }
}

it("B12 W1 R17 docs/first-migration.md: what the page says is done, and prints what it shows", async () => {
  await writeFile(join(root, "customers.sql"), block("sql"));
  await writeFile(join(root, ".env"), block("dotenv"));
  let run = "";
  let url = "";
  let password = "";
  for (const { command, shown } of steps(block("console"))) {
    let said = "";
    if (command.startsWith("cp ")) {
      await cp(join(root, "test/gym/legacy"), join(root, "club"), { recursive: true });
    } else if (command.startsWith("psql ")) {
      // As psql does it, which not every machine has.
      url = (await shell.quiet("local database")).trim();
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(await readFile(join(root, "customers.sql"), "utf8"));
      await client.end();
    } else {
      const digest = command.includes("--digest")
        ? await digestInMail(shell, "karima@example.com")
        : "";
      const asked = command
        .replace(/^npx wavegate /u, "")
        .replaceAll(reference, run)
        .replace(/[0-9a-f]{64}/u, digest)
        .replace('"$(npx wavegate local database)"', url);
      const doing = shell.quiet(asked);
      if (asked === "watch") {
        await approveThroughLink(shell, {
          outbox: join(root, ".wavegate", "outbox"),
          name: "karima",
          password,
          until: doing,
          onDecision: () => {},
        });
        expect(await customers(url)).toBe(14);
      }
      said = await doing;
    }
    expect(said, command).toMatch(pattern(shown));
    run = said.match(reference)?.[0] ?? run;
    password = /^Password: (\S+)$/mu.exec(said)?.[1] ?? password;
    if (command.includes(" new ")) await applyDiff(block("diff"));
    if (command.includes(" rollback ")) {
      expect(await customers(url)).toBe(command.includes("--preview") ? 14 : 0);
    }
  }
  // A definition that is changed now counts at once, for functions that are warm as well.
  const file = join(root, "migrations/gym/definition.ts");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('hold: "status_unknown"', 'hold: "status_to_be_asked"'));
  expect(await shell.quiet(`what-if --run ${run}`)).toMatch(
    /^hold +hold +1 .*\nstatus_unknown +status_to_be_asked /mu,
  );
});
