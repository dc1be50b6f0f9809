import { gunzipSync } from "node:zlib";
import * as z from "zod";

/** A sign-in or a password's change as Cognito tells of it. */
interface SignInActivity {
  readonly what: "sign-in-failed" | "password-changed";
  /** What was typed as the name: somebody's, or anything. */
  readonly userName: string;
  readonly source: string;
  /** Cognito's id of the event, as logs are delivered at least once. */
  readonly event: string;
}

/** What CloudWatch Logs hands to a function (`awslogs.data`: base64 of gzip of JSON). */
const Delivered = z.object({ logEvents: z.array(z.object({ message: z.string() })).default([]) });

/** A record of the user pool's activity log, as far as it is read; its body is an object, or JSON of one. */
const Activity = z.object({
  message: z.preprocess(
    (body) => (typeof body === "string" ? parsed(body) : body),
    z.object({
      eventId: z.string().default(""),
      eventType: z.string(),
      eventResponse: z.string(),
      userName: z.string().default(""),
      ipAddress: z.string().default(""),
    }),
  ),
});

/**
 * The failed sign-ins and changed passwords in a delivery of the user pool's activity log
 * (`userAuthEvents`: `SignIn`, `PasswordChange`, `ForgotPassword`, each `Pass`, `Fail` or `InProgress`). What is
 * none, or is not understood, is left out: Cognito keeps its own record of it.
 */
export function activityIn(data: string): SignInActivity[] {
  const text = gunzipSync(Buffer.from(data, "base64")).toString("utf8");
  const { logEvents } = Delivered.parse(JSON.parse(text));
  return logEvents.flatMap(({ message }) => {
    const read = Activity.safeParse(parsed(message));
    if (!read.success) return [];
    const {
      eventType,
      eventResponse,
      userName,
      ipAddress: source,
      eventId: event,
    } = read.data.message;
    const failed = eventType === "SignIn" && eventResponse === "Fail";
    const changed =
      /^(?:PasswordChange|ForgotPassword)$/u.test(eventType) && eventResponse === "Pass";
    if (!failed && !changed) return [];
    const what = failed ? "sign-in-failed" : "password-changed";
    return [{ what, userName, source, event }];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
