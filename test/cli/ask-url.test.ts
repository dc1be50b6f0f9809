import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { askingUrl } from "../../lib/cli/verbs/ask-url.ts";
import { startDebianPostgres } from "../support/server.ts";
import { testServices } from "../support/services.ts";

it("B12 what is asked at once of a platform by its address goes to it one behind the other, and nothing is said of it", async () => {
  const test = await testServices();
  const warnings: string[] = [];
  const note = ({ message }: Error) => void warnings.push(message);
  process.on("warning", note);
  try {
    const answers = await askingUrl(test.url, (ask) =>
      Promise.all([1, 2, 3].map((n) => ask(`select ${n} as n`))),
    );
    expect(answers.map(([row]) => row?.n)).toEqual([1, 2, 3]);
    const refused = askingUrl(test.url, async (ask) => {
      const [first, second] = await Promise.allSettled([ask("select 1 / 0"), ask("select 1")]);
      return [first.status, second.status];
    });
    expect(await refused).toEqual(["rejected", "rejected"]);
    await setImmediate();
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", note);
    await test.close();
  }
});

it.each([
  ["postgresql://nobody@127.0.0.1:1/platform", "TargetUnreachable"],
  ["mysql://nobody@127.0.0.1/platform", "Usage"],
])("B5 a platform at %s is %s, and the address is not repeated", async (url, name) => {
  const asked = askingUrl(url, async () => 1);
  await expect(asked).rejects.toMatchObject({
    name,
    message: expect.not.stringContaining("nobody"),
  });
});

it("B5 a platform that is asked by its address cannot be written to", async () => {
  const test = await testServices();
  const written = askingUrl(test.url, (by) => by("create table written (id int)"));
  await expect(written).rejects.toThrow("read-only transaction");
  expect(await askingUrl(test.url, (by) => by("select 1 as one"))).toEqual([{ one: 1 }]);
  await test.close();
});

it("B12 W13 a platform that is too old is called so, before anything else is asked of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-old-"));
  const server = await startDebianPostgres(folder);
  // Debian 12 has 15; where it is newer it may be asked.
  const said = await askingUrl(server.url, (ask) => ask("show server_version")).then(
    ([row]) => Number.parseInt(String(row?.server_version), 10) >= 16 && "new enough",
    ({ name, message }: Error) => `${name}: ${message}`,
  );
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  expect(said).toMatch(
    /^new enough$|^DatabaseTooOld: wavegate needs PostgreSQL 16 or newer, and this is 15\./u,
  );
});
