import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reference, runId } from "../review/fixture.ts";
import { event } from "./event.ts";
import { asBefore, base, type RunsConsole, run, runsConsole } from "./runs-console.ts";

let at: RunsConsole;
beforeAll(async () => {
  at = await runsConsole();
});
afterAll(() => at.world.close());
asBefore(() => at);

describe("R5 the list of runs", () => {
  it("R5 says of each what it is, who began it, where it stands and whom it waits for", async () => {
    const body = await at.look(base);
    for (const shown of [
      `<a href="${run}">${reference}</a>`,
      "<bdi>ecoin</bdi>",
      "<bdi>karim</bdi>",
      "2026-11-20 09:00 UTC",
      "waiting",
      "0 of 4 written, 12 held",
      "a sign-off",
    ]) {
      expect(body).toContain(shown);
    }
  });

  it("R5 says in words how far a run came whose rows are not judged yet, and of any other no stage", async () => {
    const { admin } = at.world;
    expect(await at.look(base)).not.toContain("last done");
    expect(await at.look(run)).not.toMatch(/\(export-review|last done/u);
    // Whatever triggers keep a run from: a stage is looked at, and none is come to.
    const set = (stage: string) =>
      admin.query(
        `set session_replication_role = replica;
         update wavegate.legacy_import_runs set stage = '${stage}' where id = '${runId}';
         reset session_replication_role`,
      );
    await set("dry-run");
    expect(await at.look(base)).toContain("last done: dry run");
    expect(await at.look(run)).toContain("(last done: dry run)");
    await set("export-review");
  });

  it("R5 narrows by status and migration, and asks the database nothing that is no status", async () => {
    expect(await at.look(`${base}?status=waiting&migration=ecoin`)).toContain(reference);
    expect(await at.look(`${base}?status=halted`)).not.toContain(reference);
    expect(await at.look(`${base}?status=%27%20or%201=1`)).toContain(reference);
    expect(await at.look(`${base}?before=${reference}`)).not.toContain(`>${reference}<`);
  });

  it("R5 leads on and back by one page, of what it is narrowed to", async () => {
    await at.world.admin.query(
      `insert into wavegate.legacy_import_runs
       select (jsonb_populate_record(r, jsonb_build_object('id', md5(n::text), 'reference', 'ecoin-20260101-' || n,
               'created_at', timestamptz '2026-01-01' + n * interval '1 hour'))).*
         from wavegate.legacy_import_runs r, generate_series(1001, 1045) n where r.reference = '${reference}'`,
    );
    const way = (body: string, says: string) =>
      new RegExp(`href="([^"]+)">${says}<`, "u").exec(body)?.[1]?.replaceAll("&amp;", "&");
    const shown = (body: string) =>
      [...body.matchAll(/<th scope="row"><a [^>]+>([^<]+)</gu)].map(([, each]) => each);
    const pages = [await at.look(`${base}?migration=ecoin`)];
    for (let to = way(pages[0] as string, "Earlier runs"); to !== undefined; ) {
      pages.push(await at.look(to));
      to = way(pages.at(-1) as string, "Earlier runs");
    }
    expect(pages.slice(0, 2).map((page) => shown(page).length)).toEqual([20, 20]);
    expect(new Set(pages.flatMap(shown)).size).toBeGreaterThan(45);
    const second = await at.look(way(pages[2] as string, "Later runs") ?? "");
    expect(shown(second)).toEqual(shown(pages[1] as string));
    const first = await at.look(way(second, "Later runs") ?? "");
    expect(shown(first)).toEqual(shown(pages[0] as string));
    expect(way(first, "Later runs")).toBeUndefined();
    expect(way(second, "Latest runs")).toBe(`${base}?migration=ecoin`);
    await at.world.admin.query(
      "delete from wavegate.legacy_import_runs where reference like 'ecoin-20260101-%'",
    );
  });

  it("R5 speaks French to who prefers it", async () => {
    const answer = await at.pages({
      ...event("GET", base, "vera"),
      headers: { "accept-language": "fr" },
    });
    expect(answer.body).toContain('<html lang="fr">');
    expect(answer.body).toContain("un accord");
  });
});

describe("one run", () => {
  it("R5 says what it waits for and the one next thing, then what is behind it", async () => {
    const [signOff] = (
      await at.world.admin.query(`select id from wavegate.sign_offs where run_id = '${runId}'`)
    ).rows;
    const body = await at.look(run, "amina");
    for (const shown of [
      "It waits for a sign-off by somebody else than its starter.",
      `href="/sign-off/by-id/${signOff.id}">Look, and decide</a>`,
      "ECOIN: students, archives and their trainings",
      "mysql at legacy",
      "<b>60</b><span>Completed history</span>",
      "Too many rows that are not leads have an unmapped course.",
      "Ready to scale up?",
      'aria-label="Workflow"',
      ">sign-off</text>",
      "Every staged row is in exactly one of these states.",
    ]) {
      expect(body).toContain(shown);
    }
    expect(body).not.toMatch(/Benali|Sara|213559446168/u);
  });

  it("R5 W11 how far its waves are is said in the reader's language, and nothing has no label on a phone", async () => {
    await at.world.admin.query(
      "insert into wavegate.progress (run_id, stage, done, total, started_at, updated_at) values ($1, 'waves', 25, 100, now(), now())",
      [runId],
    );
    const said = async (language: string) => {
      const { headers, ...asked } = event("GET", run, "vera");
      return (await at.pages({ ...asked, headers: { ...headers, "accept-language": language } }))
        .body;
    };
    expect(await said("en")).toContain("<p>Waves: 1 of 4 rows");
    expect(await said("fr")).toContain("<p>Vagues\u00a0: 1 ligne sur 4");
    expect(await said("en")).toContain('data-label="Remark"></td>');
    await at.world.admin.query("delete from wavegate.progress where run_id = $1", [runId]);
  });

  it("R5 W8 asks for a decision whoever may give it, and tells nobody beside that they may do nothing", async () => {
    const offers = (body: string) =>
      ["Look, and decide", "Look at what is asked", "There is nothing that you may do"].filter(
        (each) => body.includes(each),
      );
    expect(offers(await at.look(run, "amina"))).toEqual(["Look, and decide"]);
    // Its starter, and who may only look.
    expect(offers(await at.look(run, "karim"))).toEqual(["Look at what is asked"]);
    expect(offers(await at.look(run, "vera"))).toEqual([
      "Look at what is asked",
      "There is nothing that you may do",
    ]);
  });

  it("R8 W13 says that it waits because mappings were decided, where nobody paused it", async () => {
    const to = (control: string) =>
      at.world.admin.query(
        `update wavegate.legacy_import_runs set status = 'paused', stage = 'validate', control = $1 where id = $2`,
        [control, runId],
      );
    await at.world.admin.query(
      `update wavegate.sign_offs set status = 'voided' where run_id = '${runId}'`,
    );
    await to("run");
    expect(await at.look(run)).toContain("mappings were decided since its rows were judged");
    expect(await at.look(base)).toContain(">a start</td>");
    await to("pause");
    expect(await at.look(run)).toContain("It is paused until somebody lets it go on");
  });

  it("W13 an unknown run is a page that says so", async () => {
    const answer = await at.pages(event("GET", `${base}/runs/ecoin-none`, "vera"));
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain("<h1>There is no such run</h1>");
  });

  it("W11 shows the current step, and what one was given and gave back, without the stamp", async () => {
    const moment = { at: "2026-11-20T10:00:00.000Z" };
    at.events = [
      { id: 4, ...moment, type: "TaskStateEntered", state: "SignOff", input: '{"run":"r"}' },
      {
        id: 3,
        at: "2026-11-20T10:00:03.000Z",
        type: "TaskStateExited",
        state: "DryRun",
        output: '{"dryRun":{"rows":4}}',
      },
      { id: 2, ...moment, type: "TaskScheduled" },
      {
        id: 1,
        ...moment,
        type: "TaskStateEntered",
        state: "DryRun",
        input: '{"run":"r","checked":true,"stamp":"s3cret"}',
      },
    ];
    const body = await at.look(`${run}?step=DryRun`);
    expect(body).toContain('class="state person now" aria-current="step"');
    expect(body).toContain('class="state step passed"');
    // In words, with its moments to the second, and no JSON.
    expect(body).toContain(`<h3 id="step">Dry run</h3>
<p>Begun 2026-11-20 10:00:00 UTC, took 3 s.</p>`);
    expect(body).toContain(">handed over</td>");
    expect(body).toMatch(/<code>dryRun\.rows<\/code><\/th><td data-label="Value"><bdi>4</u);
    expect(body).toMatch(/<code>checked<\/code><\/th><td data-label="Value">yes</u);
    expect(body).not.toMatch(/<pre|DryRun<|TaskState|TaskScheduled|&quot;/u);
    expect(body).not.toContain("s3cret");
    expect(await at.look(`${run}?step=constructor`)).toContain('<h3 id="step">Sign-off</h3>');
  });

  it("W11 W13 of a step in which an execution ended nobody says that it is not over yet", async () => {
    const moment = { at: "2026-11-20T10:00:00.000Z" };
    at.events = [
      { id: 2, ...moment, type: "ExecutionFailed", error: "WaveRefused" },
      { id: 1, ...moment, type: "TaskStateEntered", state: "DryRun" },
    ];
    const step = `${run}?step=DryRun`;
    expect(await at.look(step)).toContain("Begun 2026-11-20 10:00:00 UTC, and not over yet.");
    at.underWay = [];
    expect(await at.look(step)).toContain("<p>Begun 2026-11-20 10:00:00 UTC.");
  });

  it("W13 R5 who is signed in has their ways also where there is no page", async () => {
    const answer = await at.pages(event("GET", `${base}/nowhere`, "vera"));
    expect([answer.statusCode, answer.body]).toEqual([
      404,
      expect.stringContaining(`<a href="${base}">Runs</a>`),
    ]);
    const nobody = await at.pages(event("GET", `${base}/nowhere`, "nobody"));
    expect([nobody.statusCode, nobody.body]).toEqual([
      404,
      expect.not.stringContaining(`href="${base}"`),
    ]);
  });

  it.each([
    ["karim", [">Pause<", ">Stop<", "Roll back…"], ["Export for review"]],
    ["vera", [], [">Pause<", ">Stop<", "Roll back…", "<form"]],
    ["&lt;i&gt;roland&lt;/i&gt;", ["Roll back…"], [">Pause<", ">Stop<"]],
  ])("M14 R17 %s sees the buttons that they may press now", async (shown, offered, others) => {
    const name = shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">");
    const body = await at.look(run, name);
    expect(body).toContain(`Signed in as ${shown}`);
    for (const each of offered) expect(body).toContain(each);
    for (const each of others) expect(body).not.toContain(each);
  });
});
