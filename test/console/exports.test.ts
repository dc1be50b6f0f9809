import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { findRun } from "../../lib/data/runs.ts";
import { exported, takeFile } from "../../lib/review/exports/exports.ts";
import { completed, reference, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { event } from "./event.ts";
import { exportedForReview } from "./exported.ts";

const base = `/admin/legacy-imports/runs/${reference}/exports`;
let world: World;
let pages: ReturnType<typeof createConsole>;
let digest: string;
beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(1));
  digest = await exportedForReview(world);
  pages = createConsole({
    services: world.services,
    key: Buffer.alloc(32, 7),
    log: { info: () => {}, error: () => {} },
  });
});
afterAll(() => world.close());

const ask = (path: string, person: string, body?: string) =>
  pages(event(body === undefined ? "GET" : "POST", path, person, body));

/** Sends the form of the export's own page. */
async function download(person: string, file: string) {
  const { body } = await ask(`${base}/${digest}`, person);
  const [, csrf = ""] = /name="csrf" value="([^"]+)"/u.exec(body) ?? [];
  return ask(`${base}/${digest}`, person, new URLSearchParams({ csrf, file }).toString());
}

const downloads = async () =>
  (
    await world.admin.query(
      "select actor, digest, details from wavegate.audit_log where run_id = $1 and action = 'export-downloaded' order by seq",
      [runId],
    )
  ).rows;

describe("R10 what was exported is taken along through the page", () => {
  it("R10 M14 lists its files with rows, size and digest, for who reviews or signs off", async () => {
    const { statusCode, body } = await ask(`${base}/${digest}`, "amina");
    expect(statusCode).toBe(200);
    expect(body).toContain(`Export of ${reference} for review`);
    expect(body).toContain(`<code>${digest}</code>`);
    expect(body).toMatch(/rows\.csv\.gz<br>.*?<td class="number" data-label="Rows">1<\/td>/su);
    expect(body).toContain('<td class="number" data-label="Rows">–</td>');
    expect((await ask(`${base}/${digest}`, "vera")).statusCode).toBe(403);
    const run = await findRun(world.services.sign, reference);
    // Whatever stands before it: who may look alone, and who is nobody.
    for (const person of ["vera", "nobody"]) {
      await expect(
        takeFile(world.services, run, { digest, name: "rows.csv.gz", person }),
      ).rejects.toMatchObject({ name: "PermissionDenied" });
    }
    expect(await downloads()).toEqual([]);
  });

  it("R10 W12 a download is an entry of the log first, then an address that is good for a minute", async () => {
    const { statusCode, body } = await download("amina", "rows.csv.gz");
    expect(statusCode).toBe(200);
    expect(await downloads()).toEqual([
      { actor: "amina", digest, details: { file: "rows.csv.gz" } },
    ]);
    const [, address = ""] = /<a href="(http[^"]+)"/u.exec(body) ?? [];
    const url = address.replaceAll("&amp;", "&");
    expect(body).toContain(`content="0; url=${address}"`);
    expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("60");
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/gzip",
      "content-disposition": `attachment; filename="${reference}-rows.csv.gz"`,
      "cache-control": "no-store",
    });
    const rows = gunzipSync(Buffer.from(await answer.arrayBuffer())).toString();
    expect(rows).toBe("id,name\r\n1,S. B.\r\n");
    // Signed as a whole: it is the address of this file, and of no other.
    expect(new URL(url).pathname).toBe(
      `/evidence/runs/${reference}/review/${"e".repeat(64)}/rows.csv.gz`,
    );
    expect(new URL(url).searchParams.get("X-Amz-Signature")).toMatch(/^[0-9a-f]{64}$/u);
  });

  it.each(["", "signature.json", "../audit/0001/rows.csv.gz", "rows.csv", "manifest.json", "<b>"])(
    "R10 gives no file that the manifest does not name: %j",
    async (file) => {
      const before = await downloads();
      const { statusCode, body } = await download("amina", file);
      expect([400, 404]).toContain(statusCode);
      expect(body).not.toContain("X-Amz");
      expect(await downloads()).toEqual(before);
    },
  );

  it("R10 W7 gives nothing of an export whose manifest is a whole one and not the one that was signed", async () => {
    const manifest = await world.services.evidence.get(
      `runs/${reference}/review/${"e".repeat(64)}/manifest.json`,
    );
    const exchanged = Buffer.from(manifest.toString().replace(/"rows": 1\b/u, '"rows": 2'));
    expect(exchanged.equals(manifest)).toBe(false);
    const services = {
      ...world.services,
      evidence: { ...world.services.evidence, get: async () => exchanged },
    };
    const run = await findRun(services.sign, runId);
    await expect(exported(services, run, digest)).rejects.toMatchObject({ name: "BundleDamaged" });
    expect((await exported(world.services, run, digest)).digest).toBe(digest);
  });

  it("R10 W7 gives nothing of an export that the log does not know, or that is another one now", async () => {
    for (const other of ["f".repeat(64), "0001", "..%2Faudit"]) {
      expect((await ask(`${base}/${other}`, "amina")).statusCode).toBe(404);
    }
    const damaged = createConsole({
      services: {
        ...world.services,
        evidence: { ...world.services.evidence, get: async () => Buffer.from("{}") },
      },
      key: Buffer.alloc(32, 7),
      log: { info: () => {}, error: () => {} },
    });
    const answer = await damaged({
      rawPath: `${base}/${digest}`,
      headers: {},
      requestContext: {
        http: { method: "GET" },
        authorizer: { jwt: { claims: { "cognito:username": "amina" } } },
      },
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain("is not the one that was signed");
  });
});
