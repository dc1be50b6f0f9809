import { answerSigned, type IamEvent } from "../lib/console/signed-request.ts";
import { LookRequest, look } from "../lib/review/steer/look.ts";
import { withServices } from "../lib/services/lambda.ts";

/** Answers what a terminal asks about rows, masked, for whoever signed the request (W8, M14). */
export const handler = (event: IamEvent) =>
  answerSigned(event, { is: LookRequest, done: "looked at" }, (identity, request) =>
    withServices((services) => look(services, identity, request)),
  );
