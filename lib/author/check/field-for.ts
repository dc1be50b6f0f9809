import type { Field } from "../../define/definition.ts";
import type { TargetColumn } from "../target.ts";

/** Whether a column takes ranges of such bounds: of a type that nobody knows the platform decides. */
export function takesRange(
  { starts }: Extract<Field, { kind: "range" }>,
  { basic }: TargetColumn,
): boolean {
  if (/^(text|character varying)$/u.test(basic)) return true;
  const known = ["daterange", "tsrange", "tstzrange", "numrange", "int4range", "int8range"];
  if (!known.includes(basic)) return basic.endsWith("range");
  if (starts.kind === "date") return basic === "daterange";
  if (starts.kind === "number")
    return basic === "numrange" || (starts.whole && basic.startsWith("int"));
  return basic === (starts.zone === undefined ? "tsrange" : "tstzrange");
}

/** The field whose values a column takes, as it stands in a definition; undefined where none does. */
export function fieldFor({ basic, enumerated }: TargetColumn, from: string): string | undefined {
  if (basic === "boolean") return `boolean(${from}, { yes: ["…"], no: ["…"] })`;
  if (/^(smallint|integer|bigint)$/u.test(basic)) return `integer(${from})`;
  if (/^(numeric|real|double precision|money)$/u.test(basic)) return `decimal(${from})`;
  if (basic === "date") return `date(${from})`;
  if (/^time with/u.test(basic)) return `time(${from})`;
  if (basic === "timestamp with time zone") return `timestamp(${from}, { zone: "…" })`;
  if (basic === "timestamp without time zone") return `timestamp(${from})`;
  if (basic === "interval") return `duration(${from})`;
  if (basic === "uuid") return `uuid(${from})`;
  if (basic === "daterange") return `range(date(${from}), date("…"))`;
  if (basic === "tsrange") return `range(timestamp(${from}), timestamp("…"))`;
  if (basic === "tstzrange")
    return `range(timestamp(${from}, { zone: "…" }), timestamp("…", { zone: "…" }))`;
  if (basic === "numrange") return `range(decimal(${from}), decimal("…"))`;
  if (/^int[48]range$/u.test(basic)) return `range(integer(${from}), integer("…"))`;
  if (/^jsonb?$/u.test(basic)) return `json(${from})`;
  if (basic.endsWith("[]")) return `list(${from})`;
  return enumerated
    ? `choice(${from}, { "…": "…" }), each word with what it is on the platform`
    : undefined;
}
