import { z } from "zod";
import { appendSecurity } from "../lib/evidence/security-log.ts";
import { lambda } from "../lib/services/lambda.ts";

const Input = z.strictObject({
  what: z.enum(["sign-in-failed", "password-changed"]),
  /** The person it is about; null when the name was nobody's. */
  person: z.string().max(200).nullable(),
  /** Where it came from: an address, and a user of this machine. */
  source: z.string().max(200),
});

/** Notes a wrong or a changed password in the security log (W8); on AWS Cognito keeps such a record itself. */
export const handler = lambda(Input, async ({ what, person, source }, services) => {
  await appendSecurity(
    services.sign,
    { actor: person ?? "somebody unknown", action: what, details: { source } },
    services.clock(),
  );
  return {};
});
