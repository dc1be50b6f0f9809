import type { Run } from "../../data/runs.ts";
import type { Services } from "../../services/services.ts";
import type { Source } from "../../sources/source.ts";

/**
 * Opens what a run reads, as its preflight found it: of what gives no picture of one moment the very reading that it
 * began with, whatever another run read since.
 */
export const readingOfRun =
  ({ openSource }: Pick<Services, "openSource">, { source }: Pick<Run, "source">) =>
  (connection: string): Promise<Source> => {
    const fingerprint =
      source.connections?.find((each) => each.connection === connection)?.fingerprint ??
      source.fingerprint;
    return openSource(connection, fingerprint === undefined ? undefined : { fingerprint });
  };
