import type { RDSDataClient } from "@aws-sdk/client-rds-data";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { createDataClient } from "../data/client.ts";
import { type Database, openDatabase } from "../data/database.ts";
import { openEvidenceStore } from "../services/evidence-store.ts";
import type { EvidenceStore, Machine } from "../services/services.ts";
import { type Place, setting } from "./place.ts";
import { noteWrites } from "./wrote.ts";

/** The AWS services a command reaches, as its person. */
export interface Aws {
  readonly place: Place;
  /** As the role `operator`: looks at everything, decides nothing that takes a second person. */
  readonly db: Database;
  readonly states: SFNClient;
  readonly s3: S3Client;
  readonly machine: (name: Machine) => string;
  /** Whether a request that may write was answered. */
  readonly wrote: () => boolean;
  readonly close: () => void;
}

/** How a client of a service (`S3`, as endpoints name it) is made at a place, as its person. */
export function clientConfig(place: Place, service: string) {
  const endpoint = place.settings[`AWS_ENDPOINT_URL_${service}`];
  return {
    region: setting(place, "AWS_REGION"),
    ...(endpoint ? { endpoint } : {}),
    ...(place.credentials ? { credentials: place.credentials } : {}),
    // Statements may take 45 s, and Aurora about 15 s to wake.
    requestHandler: { requestTimeout: 75_000, connectionTimeout: 5_000 },
  };
}

/** Opens the clients of a place; nothing is called yet. */
export function openAws(place: Place): Aws {
  const config = (service: string) => clientConfig(place, service);
  const data = createDataClient(config("RDS_DATA"));
  const states = new SFNClient(config("SFN"));
  const s3 = new S3Client({ ...config("S3"), forcePathStyle: place.name === "local" });
  return {
    place,
    db: databaseAs(data, place, "WAVEGATE_OPERATOR_SECRET_ARN"),
    states,
    s3,
    wrote: noteWrites(data, states, s3),
    machine: (name) => setting(place, `WAVEGATE_${name.toUpperCase()}_MACHINE_ARN`),
    close: () => {
      for (const client of [data, states, s3]) client.destroy();
    },
  };
}

/** The database as its administrator: for set-up only. */
export function openAdmin(place: Place): { db: Database; close: () => void } {
  const endpoint = place.settings.AWS_ENDPOINT_URL_RDS_DATA;
  const client = createDataClient({
    region: setting(place, "AWS_REGION"),
    ...(endpoint ? { endpoint } : {}),
    ...(place.administrator ? { credentials: place.administrator } : {}),
    requestHandler: { requestTimeout: 75_000, connectionTimeout: 5_000 },
  });
  return {
    db: databaseAs(client, place, "WAVEGATE_ADMIN_SECRET_ARN"),
    close: () => client.destroy(),
  };
}

const databaseAs = (client: RDSDataClient, place: Place, secret: string): Database =>
  openDatabase({
    client,
    resourceArn: setting(place, "WAVEGATE_CLUSTER_ARN"),
    secretArn: setting(place, secret),
    database: setting(place, "WAVEGATE_DATABASE"),
    // Aurora may have to wake; a server of this machine that ended is there again in seconds, or not soon.
    ...(place.name === "local" && { patienceMs: 10_000 }),
  });

/** The evidence of a place. */
export const evidenceOf = ({ s3, place }: Aws): EvidenceStore =>
  openEvidenceStore(setting(place, "WAVEGATE_EVIDENCE_BUCKET"), s3);
