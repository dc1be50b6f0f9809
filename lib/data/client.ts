import { RDSDataClient, type RDSDataClientConfig } from "@aws-sdk/client-rds-data";
import { putWrittenTexts } from "./written-texts.ts";

/**
 * The Data API client every part of the product uses. It sends once: the SDK's own retry would send
 * a statement again whose response was lost, and inside a transaction that writes a wave twice.
 * What may be sent again is decided by name in `retry.ts`. It waits longer than the 45 s a
 * statement may take.
 */
export const createDataClient = (config: RDSDataClientConfig = {}): RDSDataClient =>
  putWrittenTexts(
    new RDSDataClient({ requestHandler: { requestTimeout: 65_000 }, ...config, maxAttempts: 1 }),
  );
