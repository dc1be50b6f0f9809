import * as z from "zod";
import { lambda } from "../lib/services/lambda.ts";
import { noteActivity, noteTold } from "../lib/sign-in/note-sign-ins.ts";

/** As the sign-in of one machine tells of it. */
const Told = z.strictObject({
  what: z.enum(["sign-in-failed", "password-changed"]),
  person: z.string().max(200).nullable(),
  source: z.string().max(200),
});

/** As CloudWatch Logs delivers the activity log of a user pool. */
const Delivered = z.object({ awslogs: z.object({ data: z.string() }) });

/** Notes wrong and changed passwords in the security log (W8). */
export const handler = lambda(z.union([Told, Delivered]), async (input, services) => {
  if ("what" in input) await noteTold(services, input);
  else await noteActivity(services, input.awslogs.data);
  return {};
});
