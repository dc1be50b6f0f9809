import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { raw } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { wasEver } from "../../evidence/same-person.ts";
import { listPeople } from "../../review/people/people.ts";
import { dueRuns } from "../../review/steer/erase.ts";
import { several } from "../../services/words.ts";
import { connectionsOf } from "../../sources/legacy.ts";
import { openSource } from "../../sources/open.ts";
import { settingsPrefix, sourceSettings } from "../../sources/settings.ts";
import { accountHealth } from "../../sources/wild-apricot/health.ts";
import { knowsLetters, lettersSay } from "../../stages/preflight/letters.ts";
import { publishedSays, publishing } from "../../stages/preflight/published.ts";
import { oldestVersion, versionOf } from "../../stages/set-up/database-version.ts";
import { grantedForEffects, lackedForEffects } from "../../stages/set-up/effect-tables.ts";
import { missingTables, wantedOnPlatform } from "../../stages/set-up/platform.ts";
import { serverLogQuotes } from "../../stages/set-up/server-log.ts";
import { wrongRoles } from "../../stages/set-up/wrong-roles.ts";
import { isSetUp, rolesOf, wrongPrivileges } from "../../stages/set-up-database.ts";
import { lookAround } from "../../stages/wave/sight.ts";
import { type Aws, openAws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { describeFailure } from "../failure.ts";
import { placeOf } from "../find-place.ts";
import type { Io } from "../io.ts";
import { allMigrations, unusableMigrations } from "../migrations.ts";
import { setting } from "../place.ts";
import { eraseAfterDays } from "./erase.ts";

/** One thing that was looked at. `hint`: nothing a migration needs, but something a person may want. */
interface Finding {
  readonly id: string;
  readonly state: "ok" | "fail" | "hint";
  readonly says: string;
}

const ok = (id: string, says: string): Finding => ({ id, state: "ok", says });
const fail = (id: string, says: string): Finding => ({ id, state: "fail", says });
const hint = (id: string, says: string): Finding => ({ id, state: "hint", says });

/** `wavegate doctor`: exit 1 when something is missing; each finding says what to do. */
export async function doctor({ io }: Frame): Promise<Answer> {
  const findings = [
    nodeVersion(),
    ...unusableMigrations().map(([name, why]) =>
      fail(`definition:${name}`, `The definition of ${name} cannot be used: ${why}`),
    ),
    ...(await inPlace(io)),
    ...(await sources(io)),
  ];
  findings.push(
    await program(
      io,
      "chromium",
      ["chromium", "chromium-browser", "google-chrome"],
      "look at the pages by themselves in tests",
    ),
    await program(
      io,
      "mariadb",
      ["mariadbd", "mysqld"],
      "run the demo's legacy system on this machine",
    ),
  );
  const failed = findings.filter(({ state }) => state === "fail").length;
  const marks = { ok: "✓", fail: "✗", hint: "·" } as const;
  return {
    exit: failed === 0 ? 0 : 1,
    json: { findings },
    text: [
      ...findings.map(({ state, says }) => `${marks[state]} ${says}`),
      "",
      failed === 0
        ? "Everything a migration needs is there."
        : `${several(failed, "of these is", "of these are")} to be mended first.`,
    ],
  };
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const runs = major > 22 || (major === 22 && minor >= 18);
  return runs
    ? ok("node", `Node ${process.versions.node}`)
    : fail(
        "node",
        `Node ${process.versions.node} is too old: install Node 24, or use npx, which takes the project's own.`,
      );
}

/** What can only be asked where wavegate runs: nothing more is asked when it does not answer. */
async function inPlace(io: Io): Promise<Finding[]> {
  let aws: Aws;
  try {
    aws = openAws(await placeOf(io));
  } catch (error) {
    return [fail("place", describeFailure(error).message)];
  }
  try {
    const place = ok(
      "place",
      aws.place.name === "local"
        ? "The runtime of this folder answers"
        : `Environment ${aws.place.name}`,
    );
    const database = await guarded("database", () => databaseAnswers(aws));
    if (database.state === "fail") return [place, database];
    const rest = [
      guarded("letters", () => lettersKnown(aws)),
      guarded("published", () => keptToItself(aws)),
      guarded("server_log", () => logQuotesNobody(aws)),
      guarded("evidence", () => bucketThere(aws)),
      guarded("people", () => approverThere(aws)),
      guarded("erasing", () => whenErased(aws, io)),
    ];
    const around = allMigrations().map((migration) => platform(aws, migration));
    return [place, database, ...(await Promise.all(rest)), ...(await Promise.all(around)).flat()];
  } finally {
    aws.close();
  }
}

/** Whether the platform is what a migration is written for, and what it does by itself around its tables. */
async function platform({ db }: Aws, migration: WholeMigration): Promise<Finding[]> {
  const { name } = migration;
  const id = `platform:${name}`;
  try {
    const missing = await missingTables(db, migration);
    if (missing.length > 0) {
      const tables = missing.join(", ");
      // One that was never set up here may be meant for another platform: nobody asks for its tables.
      return [
        (await isSetUp(db, migration))
          ? fail(
              id,
              `The platform lacks ${tables}: load its schema, then \`wavegate set-up ${name}\``,
            )
          : hint(id, `${name} is not set up in this database, and its platform is not in it`),
      ];
    }
    const roles = await rolesOf(db);
    const wrong = await wrongPrivileges(db, migration, roles);
    const beside = await wrongRoles(db, name, roles, [
      ...(await wantedOnPlatform(db, migration, roles)),
      ...(await grantedForEffects(db, migration, roles)),
    ]);
    const lacked = await lackedForEffects(db, migration, roles);
    const { surroundings, obstacles } = await lookAround(db, migration);
    const known = surroundings.filter(({ named }) => named);
    return [
      ok(id, `The platform has every table that ${name} needs`),
      wrong.length === 0
        ? ok(`privileges:${name}`, `The database's roles may do what ${name} needs, and no more`)
        : fail(
            `privileges:${name}`,
            `${firstOf(wrong)}: run \`wavegate set-up ${name}\` (on AWS: deploy again)`,
          ),
      ...(beside.length === 0 ? [] : [fail(`roles:${name}`, firstOf(beside))]),
      ...(lacked.length === 0 ? [] : [fail(`effects:${name}`, firstOf(lacked))]),
      ...(obstacles.length === 0 ? [] : [fail(`around:${name}`, obstacles.join(" "))]),
      ...known.map(({ says }) => hint(`around:${name}`, says)),
    ];
  } catch (error) {
    return [fail(id, describeFailure(error).message)];
  }
}

/** The first three of what is wrong, and how many more. */
const firstOf = (wrong: readonly string[]): string =>
  `${wrong.slice(0, 3).join("; ")}${wrong.length > 3 ? `; and ${wrong.length - 3} more` : ""}`;

async function databaseAnswers({ db }: Aws): Promise<Finding> {
  const { shown, major, says } = await versionOf(db);
  const { staged } = await db.one<{ staged: boolean }>(
    raw("select to_regclass('wavegate.legacy_import_runs') is not null as staged"),
  );
  if (major < oldestVersion) return fail("database", `PostgreSQL ${shown}: ${says}`);
  if (!staged)
    return fail("database", `PostgreSQL ${shown} has no staging schema: run \`wavegate local up\``);
  return says === undefined
    ? ok("database", `PostgreSQL ${shown} with the staging schema`)
    : hint("database", `PostgreSQL ${shown} with the staging schema; ${says}`);
}

/** Whether names in every script are compared (D7): a database of one's own may know ASCII only. */
async function lettersKnown({ db }: Aws): Promise<Finding> {
  const found = await knowsLetters(db);
  return (found.knows ? ok : fail)("letters", lettersSay(found));
}

/** Whether what is staged stays in the database (W14): a publication of all tables gives it to others. */
async function keptToItself({ db }: Aws): Promise<Finding> {
  const publications = await publishing(db);
  return (publications.length === 0 ? ok : fail)("published", publishedSays(publications));
}

/** Whether the database's own log may hold people (W14): the platform's cluster is set up by others. */
async function logQuotesNobody({ db }: Aws): Promise<Finding> {
  const quotes = await serverLogQuotes(db);
  return quotes.length === 0
    ? ok("server_log", "The database's own log quotes nobody")
    : hint(
        "server_log",
        `The database's own log may quote people: ${quotes.join(", ")}. Set it in the cluster's parameters, or see to who reads that log`,
      );
}

async function bucketThere({ s3, place }: Aws): Promise<Finding> {
  const bucket = setting(place, "WAVEGATE_EVIDENCE_BUCKET");
  // Whoever operates may list what is below runs/, and so not ask for the bucket as a whole.
  await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "runs/", MaxKeys: 1 }));
  return ok("evidence", `Evidence goes to the bucket ${bucket}`);
}

/** Whether staged people are erased some time after a run is over, and who is due (B13). */
async function whenErased({ db }: Aws, io: Io): Promise<Finding> {
  const days = eraseAfterDays(io);
  if (days === undefined) {
    return hint(
      "erasing",
      "No time is set after which staged people are erased (WAVEGATE_ERASE_AFTER_DAYS): they stay until `wavegate erase --run RUN`",
    );
  }
  const due = (await dueRuns(db, days)).length;
  const after = `Staged people are erased ${several(days, "day")} after a run is over: on this machine while it runs, on AWS where the stack has the setting, and by \`wavegate erase --due --yes\``;
  return due === 0
    ? ok("erasing", after)
    : hint("erasing", `${after}: ${several(due, "run is", "runs are")} due`);
}

async function approverThere({ db, place }: Aws): Promise<Finding> {
  const people = await listPeople(db);
  const approvers = people.filter(({ permissions }) =>
    permissions.includes("legacy_imports.commit"),
  );
  const { person } = place;
  const others =
    person === undefined ? approvers : approvers.filter((each) => !wasEver(person, each));
  return others.length > 0
    ? ok(
        "people",
        `${several(people.length, "person", "people")}, ${others.length} of them can approve what you start`,
      )
    : fail(
        "people",
        "Nobody but you may decide: `wavegate people add NAME --email ADDRESS --can all`",
      );
}

/** Legacy connections that are configured; one that is not is only mentioned. */
async function sources(io: Io): Promise<Finding[]> {
  const { env } = io;
  const connections = [
    ...new Set(
      allMigrations().flatMap(({ source, connection }) => connectionsOf(source, connection)),
    ),
  ];
  return Promise.all(
    connections.map((connection) => {
      const id = `source:${connection}`;
      const driver = `${settingsPrefix(connection)}_DB_DRIVER`;
      if (!env[driver])
        return hint(
          id,
          `The legacy connection ${connection} is not configured (${driver} in .env)`,
        );
      return guarded(id, async () => {
        const settings = sourceSettings(connection, env);
        if (settings.driver === "wild-apricot") {
          // An account is asked, and not read: that would be all of its people, for a look.
          const wrong = (await accountHealth(settings)).find((line) => !line.ok);
          if (wrong !== undefined) return fail(id, wrong.says);
          return ok(id, `Wild Apricot account ${settings.account} answers`);
        }
        const source = await openSource(settings);
        try {
          const { readOnly, encrypted } = await source.identify();
          if (!readOnly)
            return fail(
              id,
              `${source.description} can be written by this user: give it SELECT only`,
            );
          return ok(
            id,
            `${source.description}, read only${encrypted === false ? ", not encrypted" : ""}`,
          );
        } finally {
          await source.close();
        }
      });
    }),
  );
}

async function guarded(id: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return fail(id, describeFailure(error).message);
  }
}

async function program(
  io: Io,
  id: string,
  names: readonly string[],
  use: string,
): Promise<Finding> {
  for (const folder of (io.env.PATH ?? "").split(delimiter).filter(Boolean)) {
    for (const name of names) {
      const path = join(folder, name);
      const there = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (there) return ok(id, `${path}, to ${use}`);
    }
  }
  return hint(id, `No ${id} on the path; only needed to ${use}`);
}
