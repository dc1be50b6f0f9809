import type { Aws, Part, Row } from "./row.ts";
import { cloudtrail } from "./rows/cloudtrail.ts";
import { executions } from "./rows/executions.ts";
import { others } from "./rows/others.ts";
import { rdsData } from "./rows/rds-data.ts";
import { s3 } from "./rows/s3.ts";
import { states } from "./rows/states.ts";

/** Every call the product makes and every error it handles, as far as a request can provoke it. */
export const rows: readonly Row[] = [
  ...states,
  ...executions,
  ...cloudtrail,
  ...rdsData,
  ...s3,
  ...others,
];

/** A row whose answer was another one. */
export interface Difference {
  readonly asks: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** A row that was not asked, and what it wants. */
export interface LeftOut {
  readonly row: Row;
  readonly wants: Part | "an administrator's keys";
}

const refused = new Set(["AccessDenied", "AccessDeniedException"]);

/** Asks every row that can be asked here, one after the other; the rest is returned as left out. */
export async function compare(
  aws: Aws,
): Promise<{ same: Row[]; different: Difference[]; leftOut: LeftOut[] }> {
  const same: Row[] = [];
  const different: Difference[] = [];
  const leftOut: LeftOut[] = [];
  for (const row of rows) {
    if (row.needs !== undefined && !has(aws, row.needs)) {
      leftOut.push({ row, wants: row.needs });
      continue;
    }
    const got = await row.ask(aws).catch((error: Error) => error.name);
    if (row.notForOperators && refused.has(String(got))) {
      leftOut.push({ row, wants: "an administrator's keys" });
    } else if (JSON.stringify(got) === JSON.stringify(row.answers)) same.push(row);
    else different.push({ asks: row.asks, expected: row.answers, got });
  }
  return { same, different, leftOut };
}

function has(aws: Aws, part: Part): boolean {
  switch (part) {
    case "scratch machines":
      return aws.scratch?.machines !== undefined;
    case "scratch bucket":
      return aws.scratch?.bucket !== undefined && aws.objects !== undefined;
    case "scratch table":
      return aws.scratch?.table !== undefined && aws.data !== undefined;
    case "objects":
      return aws.objects !== undefined && aws.objects.bucket !== "";
    default:
      return aws[part] !== undefined;
  }
}
