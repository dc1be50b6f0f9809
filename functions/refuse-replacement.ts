import * as z from "zod";
import { answerCloudFormation, CloudFormationEvent } from "../lib/telemetry/cloudformation.ts";
import { stillStands } from "../lib/telemetry/stands.ts";

const Properties = z.looseObject({
  Stands: z.record(
    z.string(),
    z.object({ type: z.string(), properties: z.record(z.string(), z.string()) }),
  ),
});

const Event = CloudFormationEvent.extend({ OldResourceProperties: z.unknown().optional() });

/**
 * A custom resource that whatever holds data waits for: a deployment that would replace it by something new and empty fails
 * here, before that. When the stack goes, there is nothing to do.
 */
export const handler = async (payload: unknown): Promise<void> => {
  const event = Event.parse(payload);
  await answerCloudFormation(event, async () => {
    if (event.RequestType === "Delete") return { says: "The stack goes." };
    const { Stands: now } = Properties.parse(event.ResourceProperties);
    const were = Properties.safeParse(event.OldResourceProperties).data?.Stands;
    return { says: "Nothing is replaced.", id: stillStands(event.PhysicalResourceId, now, were) };
  });
};
