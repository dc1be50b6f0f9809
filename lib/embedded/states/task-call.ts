import type { Json } from "./asl.ts";
import type { Resource } from "./resource.ts";

/** A task ready to be run. */
export interface TaskCall {
  resource: Resource;
  parameters: Json;
  token: string | undefined;
  timeoutSeconds: number | undefined;
  heartbeatSeconds: number | undefined;
}
