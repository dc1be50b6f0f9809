import { identifier, literal } from "../../data/sql.ts";
import type { Migration, Reference } from "../../define/definition.ts";
import { typeColumn, typesOf } from "../condition.ts";
import { idType, targetType } from "../keys.ts";
import { isMeant } from "../people-keys.ts";
import { createKeepDecisions } from "./keep-decisions.ts";

/** The owner's function that keeps decisions about one table of mappings. */
export const decideFunction = ({
  staging,
}: {
  readonly staging: Pick<Reference["staging"], "table">;
}): string => `decide_${staging.table}`;

/**
 * Keeps what a person says about mappings, where the platform has what they are said to be.
 *
 * @param platform the platform's table with its schema, as SQL
 */
export const createDecideFunction = (
  migration: Migration,
  reference: Reference,
  platform: string,
): string =>
  createKeepDecisions({
    ...reference.staging,
    name: decideFunction(reference),
    idType: idType(migration, reference),
    targetType: targetType(reference),
    ...(reference.kind === "by_code"
      ? {
          beside: `m.${typeColumn(reference)} as type`,
          first: `if said.type = ${literal(typesOf(reference).placeholder)} then return wavegate.refused('MappingIsPlaceholder', one); end if;`,
        }
      : { beside: "null::text as type", first: "" }),
    known: `-- Of what is code of the platform's own whoever asks has looked already, with fewer rights than these.
      if wavegate.is_plain(${literal(platform)}, ${literal(reference.platform.id)}) then
        perform from ${platform} p where p.${identifier(reference.platform.id)} = chosen${isMeant(reference.platform, "p")};
        if not found then return wavegate.refused('UnknownTarget', one || jsonb_build_object('target', chosen)); end if;
      end if;`,
  });
