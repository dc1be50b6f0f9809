/**
 * Something of the platform that people get only after a run was verified: off at a run's start, turned on by a
 * person for a percentage of people, and off first when a run is taken back (C1, C6, C10).
 */
export interface Feature {
  readonly name: string;
  /** What people get: “People see what they did.” */
  readonly says: string;
  /**
   * What an endpoint of wavegate's own shows it by: tables of the platform with the columns that its role `serve`
   * may read.
   */
  readonly reads?: Readonly<Record<string, readonly string[]>>;
}

/** `feature("profile_activity", "People see what they did.")`. */
export const feature = (
  name: string,
  says: string,
  more: Pick<Feature, "reads"> = {},
): Feature => ({ name, says, ...more });

/** Whether wavegate itself answers whoever has a feature. */
export const isServed = ({ features = [] }: { readonly features?: readonly Feature[] }): boolean =>
  features.some(({ reads }) => reads !== undefined);

/** The columns that the role `serve` reads, by table. */
export function servedColumns({
  features = [],
}: {
  readonly features?: readonly Feature[];
}): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, string[]>();
  for (const [table, columns] of features.flatMap(({ reads = {} }) => Object.entries(reads)))
    all.set(table, [...new Set([...(all.get(table) ?? []), ...columns])].sort());
  return all;
}
