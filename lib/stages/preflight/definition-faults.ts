import { problemsOf } from "../../compile/problems/problems.ts";
import type { Field } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { formatFault } from "../../normalize/date-format.ts";
import { timeOfDayFault } from "../../normalize/time-of-day.ts";
import { instantReader } from "../../normalize/zone.ts";
import { Refusal } from "../../services/errors.ts";

/** What is wrong with a definition by itself, in sentences; none of it needs a source or a platform. */
export function definitionFaults(migration: WholeMigration): readonly string[] {
  try {
    return [...problemsOf(migration), ...unreadableFields(migration)];
  } catch (error) {
    // Node runs a definition without looking at its types, so that anything may stand anywhere.
    if (!(error instanceof TypeError)) throw error;
    return [
      `It is not as its types say (${error.message}): \`npx tsc --noEmit\` names the file and the line.`,
    ];
  }
}

const unreadableFields = (migration: WholeMigration): string[] =>
  partsOf(migration)
    .flatMap(({ entity }) => Object.entries(entity.fields))
    .flatMap(([name, field]) =>
      unreadable(field).map((fault) => `The field “${name}” can read nothing: ${fault}`),
    );

function unreadable(field: Field): string[] {
  if (field.kind === "range")
    return (field.whole === true ? [field.starts] : [field.starts, field.ends]).flatMap((bound) =>
      bound.kind === "lasting" ? [] : unreadable(bound),
    );
  if (field.kind === "time") {
    const fault = timeOfDayFault(field.format);
    return fault === undefined ? [] : [fault];
  }
  const { format, zone, at } = { format: undefined, zone: undefined, ...field } as {
    format?: string;
    zone?: string;
    at?: Field;
  };
  const counts = ["unix", "unix-ms", "unix or iso"].includes(format ?? "");
  const fault = format === undefined || counts ? undefined : formatFault(format);
  return [
    ...(fault === undefined ? [] : [fault]),
    ...(at === undefined ? [] : unreadable(at)),
    ...(zone === undefined || isZone(zone)
      ? []
      : [`there is no zone “${zone}”; one is called as “Europe/Paris”.`]),
  ];
}

function isZone(zone: string): boolean {
  try {
    instantReader(zone);
    return true;
  } catch {
    return false;
  }
}

/** Refuses a definition that is wrong by itself, before anything is made or asked by it. */
export function requireSound(migration: WholeMigration): void {
  const faults = definitionFaults(migration);
  if (faults.length === 0) return;
  const more = faults.length > shown ? ` And ${faults.length - shown} more.` : "";
  throw new Refusal(
    "DefinitionInvalid",
    `The definition “${migration.name.slice(0, 60)}” is wrong. ${faults.slice(0, shown).join(" ")}${more} Nothing was written; correct it and try again.`,
  );
}

const shown = 5;
