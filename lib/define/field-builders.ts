import type { Field, Moment } from "./fields.ts";

type NameField = Extract<Field, { kind: "name" }>;

/** Its columns, last name first; the last argument may say what is none. */
export const name = (
  ...parts: [...string[], string | Omit<NameField, "kind" | "parts">]
): Field => {
  const options = parts.at(-1);
  return typeof options === "object"
    ? { kind: "name", parts: parts.slice(0, -1) as string[], ...options }
    : { kind: "name", parts: parts as string[] };
};
export const phone = (
  from: string,
  options: { region: string; shared?: { rows: number; names: number } },
): Field => ({
  kind: "phone",
  from,
  ...options,
});
export const email = (
  from: string,
  options: { placeholders: string[]; sharedBy?: number },
): Field => ({
  kind: "email",
  from,
  placeholders: options.placeholders,
  sharedBy: options.sharedBy ?? 5,
});
export const birthDate = (
  from: string,
  options: { implausible?: string[]; youngest?: number; format?: string } = {},
): Field => ({ kind: "birth_date", from, ...options });
export const status = (from: string, options: { as?: string } = {}): Field => ({
  kind: "status",
  from,
  ...options,
});
export const createdAt = (from: string, options: { format?: string } = {}): Field => ({
  kind: "created_at",
  from,
  ...options,
});
/** A text of the legacy system. */
export const text = (
  from: string,
  options: { longest?: number; lines?: boolean; placeholders?: string[] } = {},
): Field => ({ kind: "text", from, ...options });
type NumberOptions = Omit<Extract<Field, { kind: "number" }>, "kind" | "from" | "whole">;
export const integer = (from: string, options: NumberOptions = {}): Field => ({
  kind: "number",
  from,
  whole: true,
  ...options,
});
export const decimal = (from: string, options: NumberOptions = {}): Field => ({
  kind: "number",
  from,
  whole: false,
  ...options,
});
/** `boolean("newsletter", { yes: ["Y"], no: ["N", ""] })`. */
export const boolean = (from: string, words: { yes: string[]; no: string[] }): Field => ({
  kind: "boolean",
  from,
  ...words,
});
/** `sha1("post:{id}:{room|none}")`, as hex: the keys of platforms that make them so. */
export const sha1 = (of: string): Field => digest("sha1", of);
/** The same by SHA-256. */
export const sha256 = (of: string): Field => digest("sha256", of);
const digest = (by: "sha1" | "sha256", of: string): Field => ({
  kind: "digest",
  by,
  of,
  parts: columnsIn(of),
});
const columnsIn = (...texts: string[]): string[] => [
  ...new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\{([^{}|]+)(?:\|[^{}]*)?\}/gu)].map(([, column]) => `${column}`),
    ),
  ),
];
/** `template("{item.title}", "{item.filename}", "Untitled")`: the first text all of whose columns are there. */
export const template = (...of: string[]): Field => ({
  kind: "template",
  of,
  parts: columnsIn(...of),
});
type FileOptions = Omit<Extract<Field, { kind: "file" }>, "kind" | "from">;
/** `file("item.path", { within: "materials", types: ["application/pdf"], says: { size: "item.size" } })`. */
export const file = (from: string, options: FileOptions): Field => ({
  kind: "file",
  from,
  ...options,
});
/** `list("criteria", { most: 10 })`: the texts of a list, each once, in order; of several columns the first that has one. */
export const list = (...columns: [...string[], string | { readonly most?: number }]): Field => {
  const options = columns.at(-1);
  return typeof options === "object"
    ? { kind: "list", parts: columns.slice(0, -1) as string[], ...options }
    : { kind: "list", parts: columns as string[] };
};
export const uuid = (from: string, options: { derived?: true } = {}): Field => ({
  kind: "uuid",
  from,
  ...options,
});
export const json = (from: string): Field => ({ kind: "json", from });
export const date = (from: string, options: Moment = {}): Field => ({
  kind: "date",
  from,
  ...options,
});
export const timestamp = (from: string, options: Moment & { absent?: string } = {}): Field => ({
  kind: "timestamp",
  from,
  ...options,
});
/**
 * `choice("plan", { Gold: "gold", Junior: "concession" })`; of a list of words the first one,
 * `choice("tags", {}, { firstOf: ";", beginnings: [["Hik", "outdoor"]], otherwise: "general" })`.
 */
export const choice = (
  from: string,
  means: Readonly<Record<string, string>>,
  options: Omit<Extract<Field, { kind: "choice" }>, "kind" | "from" | "means"> = {},
): Field => ({ kind: "choice", from, means, ...options });
export const reference = (from: string, to: string): Field => ({ kind: "reference", from, to });
