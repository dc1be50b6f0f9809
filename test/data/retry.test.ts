import { describe, expect, it } from "vitest";
import { retryTransient } from "../../lib/data/retry.ts";

/** Whether something is sent again that fails so each time, as far as somebody waits who waits for one more. */
async function sent(failure: object, options: { repeatable: boolean; begins?: boolean }) {
  let times = 0;
  await retryTransient(
    async () => {
      times++;
      throw Object.assign(new Error("of AWS"), failure);
    },
    { ...options, patienceMs: 300 },
  ).catch(() => {});
  return times > 1 ? "again" : "once";
}

/** The errors that the Data API documents, and connections: within a transaction, outside of one, to begin one. */
const table = [
  // Nothing was executed.
  ["DatabaseResumingException", "again again again"],
  ["DatabaseUnavailableException", "again again again"],
  ["SecretsErrorException", "again again again"],
  ["ServiceUnavailableError", "again again again"],
  ["ThrottlingException", "again again again"],
  // Nowhere is it said that nothing was.
  ["InvalidResourceStateException", "once again again"],
  ["StatementTimeoutException", "once once again"],
  ["ECONNRESET", "once again again"],
  // The step is sent again, and not the statement.
  ["InternalServerErrorException", "once once once"],
  ["TransactionNotFoundException", "once once once"],
  // Somebody mends it first.
  ["AccessDeniedException", "once once once"],
  ["BadRequestException", "once once once"],
  ["DatabaseErrorException", "once once once"],
  ["DatabaseNotFoundException", "once once once"],
  ["ForbiddenException", "once once once"],
  ["HttpEndpointNotEnabledException", "once once once"],
  ["InvalidSecretException", "once once once"],
  ["UnsupportedResultException", "once once once"],
] as const;

describe.concurrent("W3 an error of the Data API", () => {
  it.each(table)("%s: sent %s", async (name, says) => {
    const failure = name.startsWith("E") ? { code: name } : { name };
    const found = await Promise.all([
      sent(failure, { repeatable: false }),
      sent(failure, { repeatable: true }),
      sent(failure, { repeatable: true, begins: true }),
    ]);
    expect(found.join(" ")).toBe(says);
  });
});
