import { describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import type { HttpEvent } from "../../lib/console/request.ts";
import {
  ConnectionLost,
  DatabaseContended,
  DatabaseErrorException,
} from "../../lib/data/failures.ts";
import { retryTransient } from "../../lib/data/retry.ts";
import type { Services } from "../../lib/services/services.ts";

const named = (name: string) => Object.assign(new Error(`${name} of a test`), { name });

/** Pages over a database that answers every statement with this error. */
function pagesOver(error: Error) {
  const fails = async () => {
    throw error;
  };
  const stage = { rows: fails, one: fails, execute: fails, transaction: fails };
  const services = {
    stage,
    sign: stage,
    clock: () => new Date(0),
    newId: () => "7f3a0000-0000-4000-8000-000000000009",
    migrations: {},
    settings: { signOffUrl: "https://pages.example.com", language: "en" },
  } as unknown as Services;
  const pages = createConsole({ services, key: Buffer.alloc(32, 7) });
  return (method: string, headers: Record<string, string> = {}) =>
    pages({
      rawPath: `/sign-off/${"s".repeat(40)}`,
      headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
      requestContext: {
        http: { method },
        authorizer: { jwt: { claims: { "cognito:username": "amina" } } },
      },
      ...(method === "POST" ? { body: "decision=approve" } : {}),
    } as HttpEvent);
}

const refresh = '<meta http-equiv="refresh" content="5">';

describe("W13 the pages over a sleeping database", () => {
  it("wait: the page that is read asks again by itself, and keeps every header", async () => {
    const { statusCode, headers, body } = await pagesOver(named("DatabaseResumingException"))(
      "GET",
    );
    expect(statusCode).toBe(503);
    expect(headers).toMatchObject({
      "retry-after": "5",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    expect(body).toContain(refresh);
    expect(body).toContain("Nothing was changed; this page opens by itself.");
  });

  it("answer a HEAD without a body, and never ask again for what was sent", async () => {
    const pages = pagesOver(named("DatabaseResumingException"));
    expect((await pages("HEAD")).body).toBe("");
    const sent = await pages("POST");
    expect(sent.statusCode).toBe(503);
    expect(sent.body).not.toContain("http-equiv");
    expect(sent.body).toContain("Nothing of what you sent was kept");
  });

  it("tell a terminal in JSON", async () => {
    const { statusCode, body } = await pagesOver(named("DatabaseResumingException"))("GET", {
      accept: "application/json",
    });
    expect([statusCode, JSON.parse(body).error]).toEqual([503, "DatabaseResuming"]);
  });

  it("say of a database that went away while something was sent that its fate is not known", async () => {
    const pages = pagesOver(named("DatabaseUnavailableException"));
    expect((await pages("GET")).statusCode).toBe(503);
    const sent = await pages("POST");
    expect(sent.statusCode).toBe(500);
    expect(sent.body).toContain("The database does not answer");
    expect(sent.body).toContain("It is not known whether your answer was kept");
  });

  it.each([
    [
      new DatabaseErrorException("ERROR: could not extend file; SQLState: 53100"),
      "takes no more: whoever runs this makes room there.",
      "est plein",
    ],
    [named("DiskFull"), "takes no more: whoever runs this makes room there.", "est plein"],
    [
      new ConnectionLost("SQLState: 57P01", "database"),
      "the connection to it was lost.",
      "la connexion avec elle a été perdue",
    ],
    [
      new DatabaseContended("SQLState: 40P01"),
      "Somebody else wrote the same rows at the same moment.",
      "les mêmes lignes au même moment",
    ],
  ])("say what stood in the way, and whether anything was sent: %s", async (error, says, dit) => {
    const pages = pagesOver(error);
    const sent = await pages("POST");
    expect(sent.statusCode).toBe(500);
    expect(sent.body).toContain(says);
    expect(sent.body).toContain("It is not known whether your answer was kept");
    const read = await pages("GET");
    expect(read.body).toContain(says);
    expect(read.body).toContain("Nothing was changed by you");
    expect((await pages("POST", { "accept-language": "fr" })).body).toContain(dit);
  });

  it("say no more of a defect than that it is one", async () => {
    const sent = await pagesOver(new DatabaseErrorException("ERROR: no; SQLState: 42601"))("POST");
    expect(sent.body).toContain("Something went wrong on our side");
  });

  it("wait no longer than whoever reads does", async () => {
    let sent = 0;
    const asleep = retryTransient(
      async () => {
        sent += 1;
        throw named("DatabaseResumingException");
      },
      { repeatable: true, patienceMs: 800 },
    );
    await expect(asleep).rejects.toThrow("DatabaseResumingException");
    // 250 and 500 ms are below 800; another second is not.
    expect(sent).toBe(3);
  });
});
