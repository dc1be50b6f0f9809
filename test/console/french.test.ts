import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { at } from "../../lib/console/paths.ts";
import { formGuard } from "../../lib/console/trust.ts";
import { bundleMail } from "../../lib/review/announce.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { haltMail } from "../../lib/review/steer/halt-mail.ts";
import type { Services } from "../../lib/services/services.ts";
import { describe as ofMysql } from "../../lib/sources/mysql/connect.ts";
import { describe as ofPostgres } from "../../lib/sources/postgres/connect.ts";
import type { MysqlSettings, PostgresSettings } from "../../lib/sources/settings.ts";
import { casesInFrench, refusalsInFrench } from "../../lib/speech/refusals.ts";
import { refusedIn } from "../../lib/speech/refused.ts";
import { speech } from "../../lib/speech/speech.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { englishIn, englishLines } from "../support/english.ts";
import { event } from "./event.ts";

const lib = join(import.meta.dirname, "../../lib");
const base = "/admin/legacy-imports";
const run = `${base}/runs/${reference}`;
const key = Buffer.alloc(32, 7);

let world: World;
let services: Services;
let signOff: string;
let row: number;
beforeAll(async () => {
  world = await startWorld();
  services = { ...world.services, settings: { ...world.services.settings, language: "fr" } };
  await stageRun(world.admin, [
    ...completed(4),
    { legacyId: 90, classification: "lead_only", duplicate: "high", phone: "213661123456" },
    {
      legacyId: 91,
      classification: "unknown",
      course: 6,
      session: 235,
      sessionType: "placeholder_session",
    },
  ]);
  await review(world);
  await ask(services, { run: runId, gate: "first_wave", token: "task-1" });
  await world.admin.query(
    `update wavegate.legacy_student_imports_decisions set import_state = 'held', planned = 'hold',
            planned_reason = 'needs_review' where staged_id = (select max(staged_id) from wavegate.legacy_student_imports_decisions)`,
  );
  const one = async (text: string) => (await world.admin.query(text)).rows[0];
  signOff = (await one(`select id from wavegate.sign_offs where run_id = '${runId}'`)).id;
  row = Number(
    (
      await one(
        `select min(id) as id from wavegate.legacy_student_imports where run_id = '${runId}'`,
      )
    ).id,
  );
});
afterAll(() => world.close());

/** A page as somebody whose browser says nothing of a language gets it from a place that speaks French. */
async function send(path: string, fields?: Record<string, string>, about = path, person = "amina") {
  const pages = createConsole({ services, key, log: { info: () => {}, error: () => {} } });
  const csrf = formGuard(key, services.settings.signOffUrl).tokenFor(person, about);
  if (fields === undefined) return pages(event("GET", path, person));
  return pages(event("POST", path, person, new URLSearchParams({ csrf, ...fields }).toString()));
}

/** Marks that stand at the beginning of a line where it breaks before them, and opening ones at its end. */
const brokenMarks = (body: string): string[] =>
  body
    .replaceAll(
      /<(pre|code|style|script|title)\b[\s\S]*?<\/\1>|<option value[\s\S]*?<\/option>|<p lang="en">[\s\S]*?<\/p>/gu,
      "",
    )
    .replaceAll(/<(?:[^>"]|"[^"]*")*>/gu, (tag) =>
      ` ${/data-label="([^"]*)"/u.exec(tag)?.[1] ?? "_"} `.trim(),
    )
    .match(/.{0,20}(?: [:;?!»](?!\w)|« |\p{L}: |[“”]).{0,9}/gu) ?? [];

const found = (files: readonly string[], where: RegExp): string[] =>
  files.flatMap((file) =>
    [...readFileSync(join(lib, file), "utf8").matchAll(where)].map(([, first = ""]) => first),
  );

/** Names of refusals outside a terminal, the deployment's settings and the stand-ins; some are made in the database. */
const names = [
  ...new Set([
    ...found(globSync("data/schema/*.sql", { cwd: lib }), /'([A-Z][a-z]+[A-Z]\w+)'/gu),
    ...found(
      globSync("**/*.ts", { cwd: lib }).filter(
        (file) => !/^(?:cli|author|embedded|infra|speech)\//u.test(file),
      ),
      /new Refusal\(\s*([^,]*?),/gu,
    ).flatMap((first) => [...first.matchAll(/"([A-Z][A-Za-z]+)"/gu)].map(([, name = ""]) => name)),
  ]),
];

describe("R5 who reads French", () => {
  it("meets no English sentence on any page of a run, whatever state it is in", async () => {
    const left: [string, string[]][] = [];
    const looked = async () => {
      for (const path of [
        ...[base, run, `${run}?step=SignOff`, `${run}/rows`, `${run}/rows?reason=needs_review`],
        ...[
          `${run}/rows/${row}`,
          `${run}/rows/${row + 4}`,
          `${run}/rows/${row + 5}`,
          `${run}/held`,
        ],
        ...[`${run}/mappings`, `${run}/mappings/course?all`, `${run}/mappings/session?all`],
        ...[`${run}/questions`, `${run}/features`, `${run}/audit`, `${run}/rollback`],
        ...[
          `/sign-off/by-id/${signOff}`,
          `${base}/sign-offs/${signOff}/review`,
          "/start?migration=ecoin",
        ],
      ]) {
        const { statusCode, body } = await send(path);
        expect([path, statusCode]).toEqual([path, 200]);
        expect([path, body.includes('<html lang="fr">')]).toEqual([path, true]);
        expect([path, brokenMarks(body)]).toEqual([path, []]);
        const english = englishIn(body);
        if (english.length > 0) left.push([path, english]);
      }
    };
    await looked();
    await world.admin.query("set session_replication_role = replica");
    for (const set of [
      `status = 'halted', halted_because = '{"error": "SideEffects", "message": "Wave 3 changed more on the platform than was meant: users 1 updated."}'`,
      "status = 'paused', control = 'pause'",
      `status = 'waiting', control = 'run', watching = '{"waiting": true, "because": [{"id": "slow_queries", "says": "Requêtes lentes.", "value": 9, "above": 5}], "good": 1}'`,
      "status = 'completed', stage = 'final-verify'",
      "status = 'stopped', control = 'stop'",
    ]) {
      await world.admin.query(
        `update wavegate.legacy_import_runs set ${set} where id = '${runId}'`,
      );
      await looked();
    }
    await world.admin.query(
      `update wavegate.legacy_import_runs set status = 'waiting', control = 'run', halted_because = null, stage = 'export-review', watching = null where id = '${runId}'`,
    );
    await world.admin.query("reset session_replication_role");
    expect(left).toEqual([]);
  });

  it("sees where a run reads from in words of its own, too", () => {
    const { said } = speech("fr", undefined);
    const mysql = { database: "ecoin", host: "db", port: 3306 } as MysqlSettings;
    const postgres = { database: "club", socket: "/run/pg" } as PostgresSettings;
    expect(["csv files in /data", ofMysql(mysql), ofPostgres(postgres)].map(said)).toEqual([
      "fichiers dans /data",
      "mysql ecoin sur db:3306",
      "postgresql club sur /run/pg",
    ]);
    const account = "Wild Apricot account 123456, read at 2026-11-29T12:00:00.000Z";
    expect(said(account)).toBe("compte Wild Apricot 123456, lu à 2026-11-29T12:00:00.000Z");
    expect(speech("en", undefined).said(account)).toBe(account);
  });

  it("sees a row's own value as the source has it, be it a word that the engine has, too", async () => {
    const values = ["shared", "perhaps", "there", "same"];
    for (const value of values) {
      await world.admin.query(
        "update wavegate.legacy_student_imports_source set raw_status = $1, status_key = $1 where id = $2",
        [value, row],
      );
      const { body } = await send(`${run}/rows/${row}`);
      expect(body).toContain(`<span class="soft small">raw_status</span> <bdi>${value}</bdi>`);
    }
    const { body } = await send(`${run}/rows/${row + 4}`);
    expect(body).toMatch(
      /<span class="soft small">validation_status<\/span> <bdi>(?:valide|à revoir)<\/bdi>/u,
    );
  });

  it("is told in French of each refusal that is not a terminal's alone, and of a halt by whatever name", async () => {
    expect(names.length).toBeGreaterThan(90);
    expect(names.filter((name) => refusalsInFrench[name] === undefined)).toEqual([]);
    expect(
      Object.entries(refusalsInFrench).filter(([, says]) => englishLines([says ?? ""]).length > 0),
    ).toEqual([]);
    for (const error of [...names, "States.Timeout", "Lambda.Unknown", "TypeError"]) {
      const message =
        "Wave 3 of ecoin-20261120-7f3a is wrong. Run `wavegate verify --run x` first.";
      const { says, names: named } = refusedIn("fr", { error, message });
      expect([error, englishLines([says])]).toEqual([error, []]);
      expect(named).toEqual(["ecoin-20261120-7f3a", "wavegate verify --run x"]);
    }
  });

  it("sees what a refusal is about by what it names: the permission, the day, the row", async () => {
    const denied = await send(
      `/sign-off/by-id/${signOff}`,
      { decision: "approve" },
      undefined,
      "vera",
    );
    expect([denied.statusCode, englishIn(denied.body)]).toEqual([403, []]);
    expect(denied.body).toContain("Il vous manque un droit pour cela.");
    expect(denied.body).toContain("<code>legacy_imports.commit</code>");
    const starter = await send(
      `/sign-off/by-id/${signOff}`,
      { decision: "approve" },
      undefined,
      "karim",
    );
    expect([starter.statusCode, englishIn(starter.body)]).toEqual([403, []]);
    const unjudged = await send(`/sign-off/by-id/${signOff}`, { decision: "approve" });
    expect([unjudged.statusCode, englishIn(unjudged.body)]).toEqual([409, []]);
    const none = await send(`${base}/runs/none`);
    expect([none.statusCode, englishIn(none.body)]).toEqual([404, []]);
    const mapping = `${run}/mappings/course`;
    const rejected = { id: "5", say: "reject", seen: "" };
    expect((await send(mapping, rejected)).statusCode).toBe(303);
    const decided = await send(mapping, rejected, undefined, "brahim");
    expect([decided.statusCode, englishIn(decided.body)]).toEqual([409, []]);
    expect(decided.body).toContain("amina a décidé de cette correspondance depuis que vous");
  });

  it("W13 R17 finds what the engine said of the very case, called English, where a run is halted", async () => {
    const because = { error: "SideEffects", message: "Wave 3 changed `users` 1 time." };
    await world.admin.query(
      "update wavegate.legacy_import_runs set status = 'halted', halted_because = $1 where id = $2",
      [JSON.stringify(because), runId],
    );
    const { body } = await send(run);
    await world.admin.query(
      "update wavegate.legacy_import_runs set status = 'waiting', halted_because = null where id = $1",
      [runId],
    );
    expect(body).toContain("Sur la plateforme, plus de choses ont changé que prévu");
    expect(body).toMatch(
      /<p lang="en"><bdi>Wave 3 changed <\/bdi><code>users<\/code><bdi> 1 time/u,
    );
  });

  it("W13 is told which case of a refusal it is, where it has several", () => {
    const says = (error: string, message: string) => refusedIn("fr", { error, message }).says;
    expect(says("InputInvalid", "“x” is no id there. Nothing was decided.")).toMatch(
      /^Rien de tel/u,
    );
    expect(
      says("InputInvalid", "“x” is what several courses of the platform are called: 1, 2."),
    ).toMatch(/^Plusieurs choses/u);
    expect(says("InputInvalid", "That is no definition.")).toBe(refusalsInFrench.InputInvalid);
    // What the sentence names already is not named again.
    const moment = "Invalid since value [x]: it is a moment such as 2025-01-31, 2025-01-31T08:00Z.";
    expect(refusedIn("fr", { error: "InvalidSetting", message: moment }).names).toEqual([]);
    expect(says("InvalidSetting", "Invalid batch value [x]: it is one of a, b.")).toMatch(
      /prévues/u,
    );
    expect(
      says("SourceRowUnreadable", "my people.csv: line 3 has 3 fields, the header 2; line 9"),
    ).toMatch(/^Des lignes de my people\.csv .* la ligne 3\./u);
    // Of a file its name and line: without them nobody knows what to correct.
    expect(
      says("SourceRowUnreadable", "people.csv, line 49: a text is never closed; nothing was read."),
    ).toMatch(/^La ligne 49 de people\.csv ne peut/u);
    expect(
      says(
        "SourceRowUnreadable",
        'people.json: "at" is no object, or has a name twice, on lines 3, 4 and 2 more, so that',
      ),
    ).toMatch(
      /^Dans people\.json, « at » n’est pas un objet, .* : 3, 4\. Rien .* lisez « at » en entier/u,
    );
    expect(
      says("SourceSchemaMismatch", "There are a.csv and a.json in /data; nothing was read."),
    ).toMatch(/^Il y a a\.csv et a\.json, /u);
    expect(says("SourceSchemaMismatch", "people.json is empty; nothing was read.")).toMatch(
      /^people\.json est vide\./u,
    );
    const cases = Object.values(casesInFrench).flatMap((each = []) => each);
    expect(cases.filter(({ says: one }) => englishLines([one]).length > 0)).toEqual([]);
  });

  it("is told who decided, held or judged, as English says it", () => {
    const says = (error: string) =>
      refusedIn("fr", { error, message: "It is so.", who: "$& amina" }).says;
    expect(says("AlreadyDecided")).toMatch(/^\$& amina a déjà décidé\. Rien de plus/u);
    expect(says("RowHeldByAnother")).toMatch(/^\$& amina retient cette ligne/u);
    expect(says("FeatureTurned")).toMatch(/^\$& amina a réglé/u);
    expect(says("VerdictStands")).toMatch(/^\$& amina a jugé cette ligne fausse/u);
  });

  it("W8 W12 R17 gets every mail in French", async () => {
    const [asked] = world.outbox.filter(({ subject }) => subject.includes(reference));
    expect(asked?.subject).toBe(
      `wavegate : une décision est attendue pour la première vague de ${reference}`,
    );
    const announced = { manifest: "1d09", head: { hash: "60c8", entries: 5 } };
    const about = { language: "fr", reference } as const;
    const mails = [
      asked,
      bundleMail({
        ...about,
        status: "rolled_back",
        prefix: "audit/x",
        announced,
        takenBack: true,
      }),
      ...["SideEffects", "States.Timeout"].map((error) =>
        haltMail({
          ...about,
          site: "https://here",
          because: { error, message: "It is the platform." },
        }),
      ),
    ];
    for (const mail of mails) {
      expect(englishLines([mail?.subject ?? "", ...(mail?.text ?? "").split("\n")])).toEqual([]);
    }
    expect(mails[1]?.text).toContain(`${reference} est annulée. Son dossier d’audit se trouve`);
    expect(mails[2]?.text).toContain(`\nhttps://here${at.run(reference)}\n`);
    expect(mails[2]?.text).toContain("Sur la plateforme, plus de choses ont changé que prévu");
  });

  it("would be told of English: the search finds it in text and in labels, and leaves code alone", () => {
    expect(
      englishIn(
        '<p>Rien.</p><p>Nothing of it is written.</p><button aria-label="Close the page">×</button><code>it is</code>',
      ),
    ).toEqual(["Nothing of it is written.", "Close the page"]);
  });
});
