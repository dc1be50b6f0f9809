import { answerSigned, type IamEvent } from "../lib/console/signed-request.ts";
import { DecisionRequest, keepDecision } from "../lib/review/steer/keep-decision.ts";
import { withServices } from "../lib/services/lambda.ts";

/** Keeps what an operator decides about a run, for whoever signed the request (W8). */
export const handler = (event: IamEvent) =>
  answerSigned(event, { is: DecisionRequest, done: "decided" }, (identity, request) =>
    withServices((services) => keepDecision(services, identity, request)),
  );
