import type { z } from "zod";
import { brokenTo } from "../data/failures.ts";
import { sharedServices } from "./create.ts";
import { Refusal } from "./errors.ts";
import type { Services } from "./services.ts";
import { withSettings } from "./with-settings.ts";

/**
 * Makes a handler of a piece of work: the payload is checked once at the edge, the services are
 * made once for each warm process. What is wrong with a payload is said without repeating it.
 */
export const lambda =
  <Input, Output>(
    schema: z.ZodType<Input>,
    work: (input: Input, services: Services) => Promise<Output>,
  ) =>
  async (payload: unknown): Promise<Output> => {
    const parsed = schema.safeParse(payload);
    if (!parsed.success) {
      const wrong = parsed.error.issues.map(
        ({ path, message }) => `${path.join(".") || "input"}: ${message}`,
      );
      throw new Refusal(
        "InputInvalid",
        `The input is not right: ${wrong.join("; ")}. Nothing was written.`,
      );
    }
    return withServices((services) => work(parsed.data, services));
  };

/** What a service of AWS failed with by itself under a name that is sent again; what the SDK did not ask is none. */
const ofAws = (error: unknown): unknown =>
  error instanceof Error && "$metadata" in error ? brokenTo("service", error) : error;

/** Does a piece of work with the services of this process; its errors tell of settings that roles have and should not. */
export function withServices<Output>(
  work: (services: Services) => Promise<Output>,
  services: Services = sharedServices(),
): Promise<Output> {
  return work(services).catch(async (error) => {
    throw await withSettings(ofAws(error), services);
  });
}
