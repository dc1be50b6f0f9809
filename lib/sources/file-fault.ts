import { SourceUnreachable } from "./errors.ts";

/** What the system says of a file that cannot be read, as a refusal that names it; anything else as it is. */
export function fileFault(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const kind = path.endsWith(".csv") ? "csv" : "json";
  return new SourceUnreachable(`${kind} ${path}`, code, {
    next: "Make sure that the file is there and may be read by whoever runs this, then run the same step again.",
    cause: error,
  });
}
