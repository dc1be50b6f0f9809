import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountNumber, apiKey, type StandInApi, startApi } from "../support/wild-apricot/api.ts";
import { terminal } from "./terminal.ts";

let folder: string;
let api: StandInApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-health-"));
  api = await startApi({ members: [], events: [], registrations: [] });
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const health = (changes: Record<string, string> = {}) =>
  terminal({
    cwd: folder,
    env: {
      WILD_APRICOT_DB_DRIVER: "wild-apricot",
      WILD_APRICOT_DB_ACCOUNT: accountNumber,
      WILD_APRICOT_DB_API_KEY: apiKey,
      WILD_APRICOT_DB_PATH: join(folder, "reading"),
      WILD_APRICOT_DB_API_URL: api.url,
      WILD_APRICOT_DB_TOKEN_URL: api.tokenUrl,
      ...changes,
    },
  }).run("health", "wild-apricot");

describe("V2 the health of a source", () => {
  it("V2 asks for a token, the account and its levels, and says where this is", async () => {
    const { exit, out } = await health();
    expect(out.trimEnd().split("\n")).toEqual([
      "[OK] Environment: localhost",
      "[OK] WA_API_KEY is set",
      "[OK] WA_ACCOUNT_ID is set (123456)",
      "[OK] WA API is reachable",
      "[OK] Token obtained successfully",
      "[OK] Account ID verified: 123456",
      "[OK] Membership levels: 1",
      "[OK] The key may: contacts_view, events_view, finances_view",
      "",
      "Health check PASSED",
    ]);
    expect(exit).toBe(0);
  });

  it.each([
    [{ WILD_APRICOT_DB_API_KEY: "wrong" }, "the API key is refused, HTTP 401"],
    [{ WILD_APRICOT_DB_ACCOUNT: "77" }, "the API key is of another account"],
    [{ WILD_APRICOT_DB_API_KEY: "" }, "needs WILD_APRICOT_DB_API_KEY"],
    [{ WILD_APRICOT_DB_DRIVER: "csv", WILD_APRICOT_DB_PATH: "nowhere" }, "there is no such folder"],
  ])("V2 W13 %j fails with one line", async (changes, says) => {
    const { exit, out, err } = await health(changes);
    expect(out).toContain("[FAIL] ");
    expect(out).toContain(says);
    expect(out).toContain("Health check FAILED");
    expect(`${out}${err}`).not.toContain(apiKey);
    expect(exit).toBe(1);
  });

  it.each([
    ["aws", "club-staging", "staging (club-staging)"],
    ["aws", "club", "production (club)"],
  ])("V2 %s %s is %s", async (place, stack, says) => {
    const { out } = await health({ WAVEGATE_ENV: place, WAVEGATE_STACK: stack });
    expect(out).toContain(`[OK] Environment: ${says}`);
  });

  it("V2 a migration that is not there is usage", async () => {
    const { exit } = await terminal({ cwd: folder }).run("health", "wild-apricto");
    expect(exit).toBe(2);
  });
});
