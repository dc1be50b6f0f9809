import { answerSigned, type IamEvent } from "../lib/console/signed-request.ts";
import { StartRequest, startFor } from "../lib/review/steer/start-execution.ts";
import { withServices } from "../lib/services/lambda.ts";

/** Starts an execution for whoever signed the request, as API Gateway's IAM authorizer vouches (D36). */
export const handler = (event: IamEvent) =>
  answerSigned(event, { is: StartRequest, done: "started" }, (identity, request) =>
    withServices((services) => startFor(services, identity, request)),
  );
