import { createHash } from "node:crypto";
import { Refusal } from "../services/errors.ts";

/** What CloudFormation would replace, if one of these properties were another: by logical id. */
export type Stands = Readonly<
  Record<string, { readonly type: string; readonly properties: Readonly<Record<string, string>> }>
>;

const digest = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 8);
const digestOf = ({ type, properties }: Stands[string]): string =>
  digest(JSON.stringify([type, Object.entries(properties).sort()]));

/**
 * Everything that stands once a deployment is done, as the id of a custom resource (1 KB at most): a digest of each
 * logical id and of what its resource may not change by. What stood before stays in it, so that a deployment that is taken
 * back is none that replaces anything. Errors: `WouldReplace`, when what stands already would be another.
 *
 * @param before the id so far, or none at the first deployment
 * @param were what the deployment before said, to name what changed
 */
export function stillStands(before: string | undefined, now: Stands, were: Stands = {}): string {
  const pairs = before?.startsWith(begins)
    ? (before.slice(begins.length).match(/.{16}/gu) ?? [])
    : [];
  const known = new Map(pairs.map((pair) => [pair.slice(0, 8), pair.slice(8)]));
  for (const [id, resource] of Object.entries(now)) {
    const stood = known.get(digest(id));
    if (stood !== undefined && stood !== digestOf(resource)) refuse(id, resource, were[id]);
    known.set(digest(id), digestOf(resource));
  }
  return (
    begins +
    [...known]
      .map((pair) => pair.join(""))
      .sort()
      .join("")
  );
}

const begins = "stands-";

function refuse(
  id: string,
  { type, properties }: Stands[string],
  was: Stands[string] | undefined,
): never {
  const others = Object.keys(properties).filter(
    (name) => was?.properties[name] !== properties[name],
  );
  const because =
    was === undefined || others.length === 0
      ? ""
      : `, as its ${others.join(", ")} would be another`;
  throw new Refusal(
    "WouldReplace",
    `CloudFormation would put a new, empty resource in the place of ${id} (${type})${because}. Nothing was replaced; put the settings back as they were deployed, or deploy beside it under another name.`,
  );
}
