import { execFile } from "node:child_process";
import {
  chmod,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { openIdentities } from "../../../lib/embedded/identity/identities.ts";
import { withFileLock } from "../../../lib/embedded/identity/lock.ts";
import { temporaryDirectory } from "./fixtures.ts";

const run = promisify(execFile);

describe("people", () => {
  it("keeps people in the order they were added, in a file only its owner can read", async () => {
    const directory = await temporaryDirectory();
    const identities = await openIdentities(directory);
    await identities.add({ name: "Salima", email: "salima@example.com", password: "long enough" });
    await identities.add({ name: "Karim", email: "karim@example.com" });
    const again = await openIdentities(directory);
    expect((await again.list()).map(({ name, email }) => [name, email])).toEqual([
      ["Salima", "salima@example.com"],
      ["Karim", "karim@example.com"],
    ]);
    const mode = async () => (await stat(join(directory, "people.json"))).mode & 0o777;
    expect(await mode()).toBe(0o600);
    // As from a copy that everybody may read.
    await chmod(join(directory, "people.json"), 0o644);
    await openIdentities(directory);
    expect(await mode()).toBe(0o600);
    // Another process sees what one changes, be the file as long as before.
    const standings = new Set<unknown>();
    for (let times = 0; times < 3; times += 1) {
      await identities.endSignIns("Karim");
      standings.add(await again.standingOf("Karim"));
    }
    expect(standings.size).toBe(3);
  });

  it("generates a password when none is given, shows it once, and stores neither kind", async () => {
    const directory = await temporaryDirectory();
    const identities = await openIdentities(directory);
    const chosen = await identities.add({
      name: "A",
      email: "a@example.com",
      password: "pass phrase",
    });
    const generated = await identities.add({ name: "B", email: "b@example.com" });
    expect(chosen.password).toBeUndefined();
    expect(generated.password).toMatch(/^[a-z0-9]{5}(-[a-z0-9]{5}){3}$/);
    const stored = await readFile(join(directory, "people.json"), "utf8");
    expect(stored).not.toContain("pass phrase");
    expect(stored).not.toContain(generated.password);
    expect((await identities.verifyPassword("B", generated.password ?? ""))?.email).toBe(
      "b@example.com",
    );
  });

  it("verifies passwords; wrong ones, unknown names and the service identity get nothing", async () => {
    const identities = await openIdentities(await temporaryDirectory());
    await identities.add({ name: "Salima", email: "s@example.com", password: "correct horsé" });
    // However a keyboard writes a letter with its accent.
    expect((await identities.verifyPassword("salima", "correct horse\u0301"))?.name).toBe("Salima");
    expect(await identities.verifyPassword("Salima", "correct horsE")).toBeUndefined();
    expect(await identities.verifyPassword("Salima", "")).toBeUndefined();
    expect(await identities.verifyPassword("Salima", "x".repeat(1_000_000))).toBeUndefined();
    expect(await identities.verifyPassword("Nobody", "correct horse")).toBeUndefined();
    expect(await identities.verifyPassword("wavegate-functions", "")).toBeUndefined();
  });

  it("W8 gives a new password to whoever stands as they did when theirs was looked at, and to nobody else", async () => {
    const identities = await openIdentities(await temporaryDirectory());
    await identities.add({ name: "Salima", email: "s@example.com", password: "correct horse" });
    const before = await identities.standingOf("Salima");
    const after = await identities.changeOwnPassword("salima", "battery staple", before);
    expect(after).toBe(await identities.standingOf("Salima"));
    expect(after).not.toBe(before);
    for (const standing of [before, undefined]) {
      await expect(
        identities.changeOwnPassword("Salima", "of a thief", standing),
      ).rejects.toMatchObject({ name: "PersonProblem" });
    }
    await identities.endSignIns("Salima");
    await expect(identities.changeOwnPassword("Salima", "of a thief", after)).rejects.toMatchObject(
      { name: "PersonProblem" },
    );
    expect((await identities.verifyPassword("Salima", "battery staple"))?.name).toBe("Salima");
  });

  it("refuses a taken name in any case, bad names, bad addresses and short passwords", async () => {
    const identities = await openIdentities(await temporaryDirectory());
    await identities.add({ name: "Zoé", email: "z@example.com", password: "long enough" });
    const refused = [
      { name: "ZOÉ", email: "z2@example.com" },
      { name: "Zoe\u0301", email: "z2@example.com" },
      { name: "Wavegate-Functions", email: "w@example.com" },
      { name: "WAVEGATE-administrator", email: "w@example.com" },
      { name: "", email: "e@example.com" },
      { name: "two\nlines", email: "e@example.com" },
      { name: "__proto__", email: "e@example.com" },
      { name: "E", email: "no address" },
      { name: "E", email: "e@example.com\r\nBcc: all@example.com" },
      { name: "E", email: "e@example.com", password: "short" },
      { name: "E", email: "e@example.com", password: "x".repeat(1025) },
      { name: "E", email: `${"e".repeat(255)}@example.com` },
    ];
    for (const person of refused) {
      await expect(identities.add(person)).rejects.toMatchObject({ name: "PersonProblem" });
    }
    expect((await identities.list()).map((person) => person.name)).toEqual(["Zoé"]);
  });

  it("removes a person together with the access key", async () => {
    const identities = await openIdentities(await temporaryDirectory());
    const { accessKeyId } = await identities.add({ name: "A", email: "a@example.com" });
    expect((await identities.byAccessKey(accessKeyId))?.name).toBe("A");
    await identities.remove("A");
    expect(await identities.byAccessKey(accessKeyId)).toBeUndefined();
    await expect(identities.remove("A")).rejects.toMatchObject({ name: "PersonProblem" });
  });

  it("has one service identity, the same for everybody who opens the folder", async () => {
    const directory = await temporaryDirectory();
    // Each as soon as it has opened it: the first one's keys are nobody's to make anew.
    const opened = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const identities = await openIdentities(directory);
        return { identities, service: await identities.service() };
      }),
    );
    expect(new Set(opened.map(({ service }) => service.accessKeyId)).size).toBe(1);
    expect(opened[0]?.service.name).toBe("wavegate-functions");
    expect(await opened[0]?.identities.list()).toEqual([]);
  });

  it("loses nobody when several processes add people at once", async () => {
    const directory = await temporaryDirectory();
    const program = `
      import { openIdentities } from ${JSON.stringify(new URL("../../../lib/embedded/identity/identities.ts", import.meta.url).href)};
      const identities = await openIdentities(process.argv[1]);
      await Promise.all([1, 2, 3, 4, 5].map((n) =>
        identities.add({ name: process.argv[2] + n, email: "p@example.com", password: "long enough" })));
    `;
    await Promise.all(
      ["a", "b", "c", "d"].map((who) =>
        run(process.execPath, ["--input-type=module", "-e", program, directory, who]),
      ),
    );
    const names = (await (await openIdentities(directory)).list()).map((person) => person.name);
    expect(names.sort()).toEqual(
      ["a", "b", "c", "d"].flatMap((who) => [1, 2, 3, 4, 5].map((n) => `${who}${n}`)),
    );
    expect(await readdir(directory)).toEqual(["people.json"]);
  });

  it("gets past the lock of a process that died", async () => {
    const directory = await temporaryDirectory();
    const identities = await openIdentities(directory);
    const lock = join(directory, "people.json.lock");
    await writeFile(lock, JSON.stringify({ host: "another machine", pid: 1, token: "t" }));
    await utimes(lock, new Date("2020-01-01"), new Date("2020-01-01"));
    await identities.add({ name: "A", email: "a@example.com", password: "long enough" });
    expect((await identities.list()).length).toBe(1);
    expect(await readdir(directory)).toEqual(["people.json"]);
  });

  it("waits for the lock of another machine, and takes nobody's away at its own end", async () => {
    const directory = await temporaryDirectory();
    const lock = join(directory, "lock");
    const theirs = JSON.stringify({ host: "another machine", pid: 2 ** 22, token: "t" });
    await symlink(theirs, lock);
    let done = false;
    const waits = withFileLock(lock, async () => {
      done = true;
      // As if this one had been taken for dead meanwhile.
      await rm(lock);
      await symlink(theirs, lock);
    });
    await sleep(100);
    expect(done).toBe(false);
    await rm(lock);
    await waits;
    expect([done, await readlink(lock)]).toEqual([true, theirs]);
  });

  it("does not overwrite a people file that it cannot read", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "people.json"), '{"people": [');
    await expect(openIdentities(directory)).rejects.toMatchObject({ name: "PersonProblem" });
    expect(await readFile(join(directory, "people.json"), "utf8")).toBe('{"people": [');
  });
});
