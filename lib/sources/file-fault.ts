import { extname } from "node:path";
import { SourceUnreachable } from "./errors.ts";

/** Whether a table's file has objects of JSON, by what it is called; else it has a line of names and then rows. */
export const isJson = (path: string): boolean => /^\.(?:jsonl|ndjson|json)$/iu.test(extname(path));

/** What the system says of a file that cannot be read, as a refusal that names it; anything else as it is. */
export function fileFault(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const kind = isJson(path) ? "json" : "csv";
  return new SourceUnreachable(`${kind} ${path}`, code, {
    next: "Make sure that the file is there and may be read by whoever runs this, then run the same step again.",
    cause: error,
  });
}
