import { eraseDue } from "../lib/review/steer/erase.ts";
import { withServices } from "../lib/services/lambda.ts";

/** Called daily where `WAVEGATE_ERASE_AFTER_DAYS` is set: erases the people of every run that is due (B13). */
export const handler = async (
  _event: unknown,
  context?: { getRemainingTimeInMillis(): number },
): Promise<{ erased: string[] }> => {
  const days = Number(process.env.WAVEGATE_ERASE_AFTER_DAYS || 0);
  if (!Number.isInteger(days) || days < 1) return { erased: [] };
  // A call takes 45 s at most.
  const timeLeft = () => (context?.getRemainingTimeInMillis() ?? 900_000) > 60_000;
  return { erased: await withServices(({ sign }) => eraseDue(sign, days, timeLeft)) };
};
