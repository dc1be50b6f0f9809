import { withSettings } from "../../services/with-settings.ts";
import { type Aws, openAws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { FailedMidWay } from "../failure.ts";
import { placeOf } from "../find-place.ts";

/** Runs a verb with the AWS services of the place that `WAVEGATE_ENV` names. */
export async function withAws(frame: Frame, verb: (aws: Aws) => Promise<Answer>): Promise<Answer> {
  const aws = openAws(await placeOf(frame.io));
  try {
    return await verb(aws);
  } catch (caught) {
    const error = await withSettings(caught, aws.db);
    throw aws.wrote() ? new FailedMidWay(error) : error;
  } finally {
    aws.close();
  }
}
