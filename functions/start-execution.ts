import { type IamEvent, startExecution } from "../lib/console/start-execution.ts";
import { sharedServices } from "../lib/services/create.ts";

/** Starts an execution for whoever signed the request, as API Gateway's IAM authorizer vouches (D36). */
export const handler = (event: IamEvent) => startExecution(sharedServices(), event);
