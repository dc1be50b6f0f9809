import { type OnTheWay, onTheWayNow } from "../../compile/around/on-the-way.ts";
import { othersSince, replacedSince, seenKeys } from "../../compile/around/replaced.ts";
import { type CountedTouch, touchesCounted } from "../../compile/around/touches.ts";
import type { CameTo } from "../../compile/judge/came-since.ts";
import type { Pin } from "../../compile/pin/pin.ts";
import { type IdentityTypes, identityTypesNow } from "../../compile/target/identity-types.ts";
import { type JsonColumns, jsonColumnsNow } from "../../compile/target/json-columns.ts";
import { lookAll, type Seen } from "../../compile/undo/referrers.ts";
import { type Retyped, retypedSince } from "../../compile/wave/retyped.ts";
import { type ShapeNow, shapeLooks } from "../../compile/wave/written-rows.ts";
import { raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";

/** What a wave looks at of the platform's tables once it has them: nobody alters a target until it ends. */
export interface TargetLooks extends ShapeNow {
  /** What refers to targets, and what the role does not see of them. */
  readonly seen: readonly Seen[];
  readonly json: JsonColumns;
  readonly identities: IdentityTypes;
  readonly onTheWay: OnTheWay;
  readonly retyped: readonly Retyped[];
  /** Triggers' functions and the like that were replaced since the review. */
  readonly replaced: readonly string[];
  /** Tables that stand in the place of those that were reviewed. */
  readonly others: readonly string[];
  /** Up to which keys the review saw rows, by table. */
  readonly keys: CameTo;
  /** What the transaction did to tables so far. */
  readonly touches: readonly CountedTouch[];
}

/** {@link TargetLooks} of a wave, for `lookTogether`. */
export const targetLooks = (
  pin: Pin,
  kinds: readonly Migration[],
  run: string,
): Readonly<Record<keyof TargetLooks, Sql>> => ({
  seen: allOf(lookAll(pin)),
  json: raw(jsonColumnsNow(pin.targets.map(({ table }) => table))),
  identities: raw(identityTypesNow(kinds)),
  onTheWay: onTheWayNow(pin),
  retyped: retypedSince(pin, run),
  replaced: replacedSince(pin, run),
  others: othersSince(pin, run),
  keys: seenKeys(run),
  ...shapeLooks(pin),
  touches: allOf(touchesCounted(pin)),
});

const allOf = (rows: Sql): Sql =>
  sql`select coalesce(jsonb_agg(to_jsonb(one.*)), '[]') from (${rows}) one`;
