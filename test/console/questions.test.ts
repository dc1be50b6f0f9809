import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { formGuard } from "../../lib/console/trust.ts";
import { addPerson } from "../../lib/review/people/people.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { event } from "./event.ts";

const run = `/admin/legacy-imports/runs/${reference}`;
const key = Buffer.alloc(32, 7);
const guard = formGuard(key, "https://wavegate.example");

let world: World;
let pages: ReturnType<typeof createConsole>;
let signOff: string;
let row: number;

beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(3));
  await review(world);
  const asked = await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  signOff = asked.kind === "asked" ? asked.signOff : "";
  const found = await world.admin.query(
    `select min(id)::int as id from wavegate.legacy_student_imports where run_id = '${runId}'`,
  );
  row = found.rows[0].id;
  await addPerson(world.administrator, {
    name: "rita",
    email: "rita@example.com",
    permissions: ["legacy_imports.view", "legacy_imports.review"],
  });
  pages = createConsole({
    services: world.services,
    key,
    log: { info: () => {}, error: () => {} },
  });
});
afterAll(() => world.close());

const send = (method: string, path: string, person: string, form?: Record<string, string>) =>
  pages(event(method, path, person, form && new URLSearchParams(form).toString()));
const look = async (path: string, person: string) => (await send("GET", path, person)).body;

/** Fills the form of a page that goes to an address, hidden fields and all, and sends it. */
async function fill(page: string, path: string, person: string, fields: Record<string, string>) {
  const body = await look(page, person);
  const [, form = ""] =
    new RegExp(`<form method="post" action="${path}">(.*?)</form>`, "su").exec(body) ?? [];
  const hidden = Object.fromEntries(
    [...form.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/gu)].map((each) => [
      each[1],
      each[2],
    ]),
  );
  return send("POST", path, person, { ...hidden, ...fields });
}

const reviewPath = () => `/admin/legacy-imports/sign-offs/${signOff}/review`;
const rowPath = () => `${run}/rows/${row}`;

describe("B9 a question about a row", () => {
  it("is asked where the row is shown, and stands on every page of its kind", async () => {
    const says = `Is <b>this</b> one "person"?`;
    const sent = await fill(rowPath(), `${rowPath()}/questions`, "rita", { question: says });
    expect(sent).toMatchObject({
      statusCode: 303,
      headers: { location: `${rowPath()}#questions` },
    });
    const pagesWithIt = [
      rowPath(),
      `${run}/questions`,
      `/sign-off/by-id/${signOff}`,
      `${reviewPath()}?row=${row}`,
    ];
    for (const page of pagesWithIt) {
      const body = await look(page, "amina");
      expect([page, body.includes("Is &lt;b&gt;this&lt;/b&gt; one &quot;person&quot;?")]).toEqual([
        page,
        true,
      ]);
    }
    expect(await look(run, "vera")).toContain(
      `<a href="${run}/questions">1 question about a row is open</a>`,
    );
  });

  it("blocks the approval on the page, which says whose it is", async () => {
    const body = await look(`/sign-off/by-id/${signOff}`, "amina");
    expect(body).toContain(`1 question about a row is open: 1 of rita, about row ${row}.`);
    expect(body).not.toContain('value="approve"');
    const sent = await send("POST", `/sign-off/by-id/${signOff}`, "amina", {
      decision: "approve",
      csrf:
        /name="csrf" value="([^"]+)"><input type="hidden" name="seen" value="[^"]*">\s*<label class="field" for="comment"/u.exec(
          body,
        )?.[1] ?? "",
    });
    expect(sent.statusCode).toBe(409);
    expect(sent.body).toContain("A question is open");
  });

  it("M14 only those who may see a form, whoever only looks sees none, and other reviewers none that closes", async () => {
    const vera = await look(rowPath(), "vera");
    expect(vera).not.toContain("/questions/1");
    expect(vera).not.toContain(`${rowPath()}/questions"`);
    await addPerson(world.administrator, {
      name: "rosa",
      email: "rosa@example.com",
      permissions: ["legacy_imports.view", "legacy_imports.review"],
    });
    const rosa = await look(rowPath(), "rosa");
    expect(rosa).toContain(`action="${rowPath()}/questions"`);
    expect(rosa).not.toContain(`action="${run}/questions/1"`);
  });

  it("an approver closes it where they judge the row, with a reason, and is led back there", async () => {
    const page = `${reviewPath()}?row=${row}`;
    const without = await fill(page, `${run}/questions/1`, "amina", { reason: " " });
    expect(without.statusCode).toBe(422);
    expect(without.body).toContain(' id="wrong"');
    const closed = await fill(page, `${run}/questions/1`, "amina", { reason: "It is one." });
    expect(closed).toMatchObject({
      statusCode: 303,
      headers: { location: `${reviewPath()}?row=${row}` },
    });
    expect(await look(`${run}/questions`, "vera")).toContain("It is one.");
    expect(await look(`/sign-off/by-id/${signOff}`, "amina")).not.toContain("is open");
  });

  it("is asked by key while rows are judged, and leads back to the row", async () => {
    const page = `${reviewPath()}?row=${row}&focus=historical_completed`;
    expect(await look(page, "amina")).toContain('data-key="a"');
    const sent = await fill(page, `${rowPath()}/questions`, "amina", { question: "Once more?" });
    expect(sent.headers.location).toBe(`${reviewPath()}?row=${row}&focus=historical_completed`);
    const own = await fill(rowPath(), `${run}/questions/2`, "amina", {});
    expect(own).toMatchObject({
      statusCode: 303,
      headers: { location: `${rowPath()}#question-2` },
    });
  });

  it("W8 leads nowhere else, whatever is sent with it", async () => {
    const sent = await fill(rowPath(), `${rowPath()}/questions`, "amina", {
      question: "Where to?",
      signOff: "//elsewhere.example/x",
      focus: "//elsewhere.example",
    });
    expect(sent.headers.location).toBe(`${rowPath()}#questions`);
    expect(
      (await fill(rowPath(), `${run}/questions/3`, "amina", { row: "//x" })).headers.location,
    ).toBe(`${run}/questions#question-3`);
  });

  it.each(["0", "-1", "abc", "1e3", "99999999999999999999"])(
    "there is no row %s to ask about, to hold or to let go, whatever form is made for it",
    async (named) => {
      for (const [act, field] of [
        ["questions", "question"],
        ["hold", "reason"],
        ["release", "reason"],
      ] as const) {
        const path = `${run}/rows/${named}/${act}`;
        const form = { csrf: guard.tokenFor("amina", path), [field]: "Which?" };
        expect((await send("POST", path, "amina", form)).statusCode).toBe(404);
      }
    },
  );
});

describe("D38 a row is held and let go on its page", () => {
  const standsAs = async () =>
    (
      await world.admin.query(
        "select concat_ws(' ', import_state, state_reason) as is from wavegate.legacy_student_imports where id = $1",
        [row],
      )
    ).rows[0].is;

  it("M14 whoever reviews is told what it will do, and says why; nobody else is offered it", async () => {
    expect(await look(rowPath(), "vera")).not.toContain(`${rowPath()}/hold`);
    expect(await look(rowPath(), "rita")).toContain("No wave takes it until somebody lets it go");
    expect((await fill(rowPath(), `${rowPath()}/hold`, "rita", { reason: " " })).statusCode).toBe(
      422,
    );
    expect(await standsAs()).toBe("pending");
    await fill(rowPath(), `${rowPath()}/hold`, "rita", { reason: "Two <i>people</i>." });
    expect(await standsAs()).toBe("held held_by_person");
    const body = await look(rowPath(), "vera");
    expect(body).toContain("rita holds it since");
    expect(body).toContain("Two &lt;i&gt;people&lt;/i&gt;.");
    expect(body).not.toContain(`${rowPath()}/release`);
  });

  it("letting it go says that sign-offs are void by it, and does it", async () => {
    const body = await look(rowPath(), "rita");
    expect(body).not.toContain(`${rowPath()}/hold`);
    expect(body).toContain("sign-offs of waves that are not yet written are void");
    const sent = await fill(rowPath(), `${rowPath()}/release`, "rita", { reason: "One person." });
    expect(sent).toMatchObject({ statusCode: 303, headers: { location: rowPath() } });
    expect(await standsAs()).toBe("pending");
    const { rows } = await world.admin.query(
      `select status from wavegate.sign_offs where run_id = '${runId}'`,
    );
    expect(rows).toEqual([{ status: "voided" }]);
  });
});
