import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sourceSettings } from "../../lib/sources/settings.ts";
import type { WildApricotSettings } from "../../lib/sources/wild-apricot/settings.ts";
import { openWildApricotSource } from "../../lib/sources/wild-apricot/source.ts";
import type { Time } from "../../lib/sources/wild-apricot/time.ts";
import { clubOf } from "../../scripts/club/generate.ts";
import { accountNumber, apiKey, type StandInApi, startApi } from "../support/wild-apricot/api.ts";
import { toldByApi } from "../support/wild-apricot/shapes.ts";

const whole = clubOf({ planted: 0.05, members: 260, events: 60, registrations: 120 });
const account = toldByApi({ ...whole, events: whole.events.slice(0, 6) });

let api: StandInApi;
let path: string;
let slept: number[];
let time: Time;
beforeEach(async () => {
  api = await startApi(account);
  path = await mkdtemp(join(tmpdir(), "wavegate-reading-"));
  let now = Date.parse("2026-03-01T00:00:00Z");
  slept = [];
  time = {
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
    },
    random: () => 0.5,
  };
});
afterEach(async () => {
  await api.close();
  await rm(path, { recursive: true });
});

const settings = (changes: Record<string, string> = {}): WildApricotSettings => {
  const found = sourceSettings("club", {
    CLUB_DB_DRIVER: "wild-apricot",
    CLUB_DB_ACCOUNT: accountNumber,
    CLUB_DB_API_KEY: apiKey,
    CLUB_DB_PATH: path,
    CLUB_DB_API_URL: api.url,
    CLUB_DB_TOKEN_URL: api.tokenUrl,
    ...changes,
  });
  if (found.driver !== "wild-apricot") throw new Error("Another driver was opened.");
  return found;
};
const open = (changes: Record<string, string> = {}) =>
  openWildApricotSource(settings(changes), time);
const refused = async (changes: Record<string, string> = {}) =>
  open(changes).then(
    () => "opened",
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe("V11 an account by its API", () => {
  it("V11 is read whole, by pages of 100, at most three requests a second, and once", async () => {
    const source = await open();
    const [members] = await source.inspect({ members: { key: ["User ID"], columns: ["Email"] } });
    expect(members).toMatchObject({ exists: true, rows: 260, missingColumns: [] });
    const pages = api.asked.filter((each) => each.includes("$async=true"));
    expect(pages.map((each) => each.split("?")[1])).toEqual([
      "$async=true&$top=100&$skip=0",
      "$async=true&$top=100&$skip=100",
      "$async=true&$top=100&$skip=200",
    ]);
    const asked = api.asked.length;
    expect(time.now() - Date.parse("2026-03-01T00:00:00Z")).toBeGreaterThanOrEqual(
      ((asked - 1) * 1_000) / 3 - 1,
    );
    await open();
    expect(api.asked).toHaveLength(asked);
    expect(await source.identify()).toMatchObject({ kind: "api", readOnly: true });
  });

  it("V5 says the organization's name as the account does, or as it is set, and needs no right to", async () => {
    const named = async (changes: Record<string, string> = {}) =>
      (await (await open(changes)).identify()).policies;
    expect(await named()).toEqual({
      "display.organizationName": { value: "The Bridge Club", source: "wa_api" },
    });
    expect(await named({ CLUB_DB_ORGANIZATION: "The Club" })).toEqual({
      "display.organizationName": { value: "The Club", source: "manual" },
    });
    await rm(path, { recursive: true });
    // The token, and then the account itself.
    const push = api.asked.push.bind(api.asked);
    api.asked.push = (...paths: string[]) => {
      if (paths[0]?.endsWith(`/accounts/${accountNumber}`)) api.faults.statuses = [403];
      return push(...paths);
    };
    expect(await named()).toBeUndefined();
  });

  it("R1 a key that may change the account is not read only", async () => {
    api.faults.scopes = ["contacts_view", "contacts_edit"];
    expect(await (await open()).identify()).toMatchObject({ readOnly: false });
  });

  it("V11 waits as long as it is told to, and longer each time where nothing is said", async () => {
    api.faults.statuses = [[429, "7"], 503, 500];
    await open({ CLUB_DB_PACE: "1000" });
    expect(slept.filter((each) => each > 100).slice(0, 3)).toEqual([7_000, 4_000, 8_000]);
  });

  it("V11 waits two minutes where it is told two minutes, and comes back later where it is told an hour", async () => {
    api.faults.statuses = [[429, "120"]];
    await open({ CLUB_DB_PACE: "1000" });
    expect(slept.filter((each) => each > 100)[0]).toBe(120_000);
    await rm(join(path, "reading.json"));
    slept.length = 0;
    api.faults.statuses = [[429, "3600"]];
    expect(await refused({ CLUB_DB_PACE: "1000" })).toContain(
      "too many requests, and the next one is taken in 3600 s",
    );
    expect(slept.filter((each) => each > 100)).toEqual([]);
  });

  it.each([
    ["a limit that stays", [429, 429, 429, 429, 429], "SourceLimitReached", "too many requests"],
    [
      "an account that is out of order",
      [500, 502, 503, 504, 500],
      "SourceLimitReached",
      "HTTP 500",
    ],
    ["a resource that is not there", [], "SourceFailed", "HTTP 404"],
  ])("W13 %s is one line", async (what, statuses, name, says) => {
    if (what.startsWith("a resource")) await api.close();
    if (what.startsWith("a resource")) api = await startApi(account);
    api.faults.statuses = [...statuses];
    const changes: Record<string, string> = what.startsWith("a resource")
      ? { CLUB_DB_API_URL: `${api.url}/nowhere` }
      : {};
    const message = await refused(changes);
    expect(message).toContain(`${name}: `);
    expect(message).toContain(says);
    expect(message).not.toContain("\n");
  });

  it.each([
    ["no object", /\$count/u, null, "an answer is no object"],
    ["no list", /^.*\/events\?\$top/u, { Events: {} }, "an answer has no list of events"],
    ["nothing in a list", /\/events\?\$top/u, { Events: [null] }, "without a number"],
    [
      "a path for a number",
      /\/events\?\$top/u,
      { Events: [{ Id: "../../../x" }] },
      "without a number",
    ],
    [
      "no number",
      /\/eventregistrations/u,
      [{}],
      "an answer has one of its registrations without a number",
    ],
    ["another event", /\/events\/\d+$/u, { Id: 1 }, "gives another event"],
    ["no address", /\$async/u, { State: "Queued" }, "an answer names no address"],
  ])(
    "W13 W14 %s where the account's API should give something is one line, and nothing is written elsewhere",
    async (_what, where, given, says) => {
      api.faults.instead = (path, found) => (where.test(path) ? given : found);
      const message = await refused();
      expect(message).toContain("SourceFailed: ");
      expect(message).toContain(says);
      expect(message).not.toContain("\n");
      expect(await readdir(join(path, ".."))).not.toContain("x.json");
      expect(await readdir(path)).toEqual(["pages"]);
    },
  );

  it("V11 as many registrations of one event as there are are read, and fields that are none are none", async () => {
    const many = Array.from({ length: 150_000 }, (_, at) => ({ Id: at + 1 }));
    let first: string | undefined;
    api.faults.instead = (path, given) => {
      if (path.includes("/eventregistrations")) {
        first ??= path;
        return path === first ? many : [];
      }
      const { Contacts } = given as { Contacts?: object[] };
      return Contacts === undefined
        ? given
        : {
            ...(given as object),
            Contacts: Contacts.map((each) => ({ ...each, FieldValues: [null] })),
          };
    };
    const source = await open();
    const registrations = { key: ["Registration ID"], columns: [] };
    expect(await source.inspect({ registrations })).toMatchObject([{ rows: 150_000 }]);
  });

  it("V11 a token that ended is renewed once, and a second refusal is one", async () => {
    api.faults.expired = 1;
    await open();
    expect(api.asked.filter((each) => each.startsWith("/auth/token"))).toHaveLength(2);
    await rm(path, { recursive: true });
    api.faults.expired = 100;
    expect(await refused()).toMatch(/^SourceAccessDenied: .*HTTP 401/);
  });

  it.each([
    [{ CLUB_DB_API_KEY: "another" }, "the API key is refused"],
    [{ CLUB_DB_ACCOUNT: "999" }, "the API key is of another account"],
  ])("V2 %j is refused without a word of the key", async (changes, says) => {
    const message = await refused(changes);
    expect(message).toContain(says);
    expect(message).not.toContain(apiKey);
  });

  it("V11 a list of contacts that is never made ends after forty looks, and goes on with its page later", async () => {
    api.faults.never = true;
    expect(await refused()).toContain("SourceLimitReached: ");
    expect(slept.filter((each) => each === 3_000)).toHaveLength(39);
    api.faults.never = false;
    await (await open()).close();
    expect((await readdir(path)).sort()).toEqual(["reading.json", "readings"]);
  });

  it("V11 a reading that was cut off goes on with the page that is missing", async () => {
    const push = api.asked.push.bind(api.asked);
    let requests = 0;
    api.asked.push = (...paths: string[]) => {
      requests += 1;
      // Behind the token, the account's name, two counts, and the first page with its looks nothing comes any more.
      if (requests === 9) api.faults.statuses = [500, 500, 500, 500, 500];
      return push(...paths);
    };
    expect(await refused()).toContain("HTTP 500");
    expect(await readdir(join(path, "pages"))).toEqual(["begun.json", "contacts-0.json"]);
    api.asked.push = push;
    api.asked.length = 0;
    await open();
    expect(api.asked.filter((each) => each.includes("$async=true"))).toHaveLength(2);
    expect(
      api.asked.some((each) => each.includes("$top=100&$skip=0") && each.includes("contacts")),
    ).toBe(false);
  });

  it.each([
    ["a page comes again", { repeatedPage: true }, "contacts twice"],
    ["the count says more", { miscounted: 5 }, "says that there are 265"],
    ["a list cannot be made", { failed: true }, "could not make its list"],
  ])("V11 nothing is read where %s", async (_, faults, says) => {
    Object.assign(api.faults, faults);
    expect(await refused()).toContain(says);
    expect(await readdir(path)).not.toContain("reading.json");
  });

  it("V11 a reading counts for a day, and is made anew behind it", async () => {
    await open();
    const asked = api.asked.length;
    await time.sleep(23 * 3_600_000);
    await open();
    expect(api.asked).toHaveLength(asked);
    await time.sleep(2 * 3_600_000);
    await open();
    expect(api.asked.length).toBeGreaterThan(asked);
  });

  it("V11 nor does one count, or a page of one, of a time to come, as where the clock was set back since", async () => {
    await time.sleep(365 * 86_400_000);
    await open();
    const asked = api.asked.length;
    await time.sleep(-364 * 86_400_000);
    await open();
    const anew = api.asked.length - asked;
    expect(anew).toBeGreaterThan(10);
    await rm(join(path, "reading.json"));
    await mkdir(join(path, "pages"));
    const begun = { account: accountNumber, at: time.now() + 2 * 86_400_000 };
    await writeFile(join(path, "pages", "begun.json"), JSON.stringify(begun));
    await writeFile(join(path, "pages", "contacts-0.json"), "[]");
    await open();
    expect(api.asked.length - asked).toBeGreaterThanOrEqual(2 * anew - 1);
  });

  it("W14 a reading that somebody changed is refused, and no file of it holds the key", async () => {
    await open();
    const [one = ""] = await readdir(join(path, "readings"));
    const file = join(path, "readings", one, "members.csv");
    const text = await readFile(file, "utf8");
    expect(`${text}${await readFile(join(path, "reading.json"), "utf8")}`).not.toContain(apiKey);
    await writeFile(file, `${text}1,A,B\n`);
    expect(await refused()).toContain("SourceChanged: ");
  });
});
