import {
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { waitingHours } from "../lib/telemetry/waiting.ts";

/** Runs hourly: how long executions have been waiting for a person, for the alarm on sign-offs. */
export const handler = async (): Promise<{ hours: { SignOffHours: number } }> => {
  const client = new SFNClient();
  return {
    hours: await waitingHours(
      {
        running: paginateListExecutions(
          { client },
          { stateMachineArn: process.env.WAVEGATE_MIGRATION_MACHINE_ARN, statusFilter: "RUNNING" },
        ),
        history: (executionArn) =>
          paginateGetExecutionHistory(
            { client },
            { executionArn, reverseOrder: true, includeExecutionData: false },
          ),
      },
      new Date(),
    ),
  };
};
