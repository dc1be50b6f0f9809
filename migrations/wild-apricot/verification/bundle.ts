import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

const Count = z.number().int().nonnegative();
const Entity = z.object({
  created: Count.default(0),
  updated: Count.default(0),
  skipped: Count.default(0),
  errors: Count.default(0),
});
/** Of the engine's own reports, and of reports of that shape. */
const Mapping = z
  .object({
    legacyId: z.union([z.string(), z.number()]).optional(),
    waId: z.union([z.string(), z.number()]).optional(),
    targetId: z.string().nullish(),
    murmurantId: z.string().nullish(),
    how: z.string().optional(),
  })
  .transform(({ legacyId, waId, targetId, murmurantId, how }) => ({
    legacy: String(legacyId ?? waId ?? ""),
    target: targetId ?? murmurantId ?? "",
    how,
  }));
const Report = z.object({
  runId: z.string().min(1),
  completedAt: z.string().nullish(),
  dryRun: z.boolean().default(false),
  members: Entity,
  events: Entity,
  registrations: Entity,
  idMapping: z
    .object({
      members: z.array(Mapping).default([]),
      events: z.array(Mapping).default([]),
      registrations: z.array(Mapping).optional(),
    })
    .default({ members: [], events: [] }),
});
const Policies = z.object({
  policies: z.array(
    z.object({ key: z.string(), value: z.unknown(), source: z.string().default("manual") }),
  ),
});

export type BundleReport = z.infer<typeof Report>;
export type BundlePolicies = z.infer<typeof Policies>;

export interface Bundle {
  readonly report: BundleReport;
  readonly policies?: BundlePolicies;
  readonly config?: unknown;
}

/** A bundle that cannot be read: one sentence. */
export class BundleUnreadable extends Error {
  override readonly name = "BundleUnreadable";
}

/** The bundle of a folder: its report, and its policies and configuration where it has them. */
export async function readBundle(folder: string): Promise<Bundle> {
  const report = await parsed(folder, "migration-report.json", Report);
  if (report === undefined)
    throw new BundleUnreadable(
      `There is no migration-report.json in ${folder}; nothing was verified. Name the folder of a bundle, as \`wavegate audit pull\` makes it.`,
    );
  const policies = await parsed(folder, "policy-bundle.json", Policies);
  const config = await parsed(folder, "migration-config.json", z.unknown());
  return {
    report,
    ...(policies === undefined ? {} : { policies }),
    ...(config === undefined ? {} : { config }),
  };
}

async function parsed<T>(
  folder: string,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new BundleUnreadable(`${name} in ${folder} cannot be read; nothing was verified.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BundleUnreadable(`${name} in ${folder} is no JSON; nothing was verified.`);
  }
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const where = found.error.issues[0]?.path.join(".") ?? "";
  throw new BundleUnreadable(
    `${name} in ${folder} is not what such a file is, at “${where}”; nothing was verified.`,
  );
}
