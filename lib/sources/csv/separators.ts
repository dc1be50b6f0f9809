import { open } from "node:fs/promises";
import { SourceSchemaMismatch } from "../errors.ts";

const named = { ";": "semicolons", "\t": "tabs", "|": "bars" } as const;

/**
 * What separates the columns of a header that has no comma at all, as spreadsheets of many languages write them:
 * undefined where nothing else does either. Quotes count for nothing here.
 */
function otherSeparator(header: string): string | undefined {
  if (header.includes(",")) return undefined;
  const [, name] = Object.entries(named).find(([mark]) => header.includes(mark)) ?? [];
  return name;
}

/** The refusal of a file whose columns are separated by something else than commas; undefined where they are not. */
export function notCommas(file: string, header: string): SourceSchemaMismatch | undefined {
  const other = otherSeparator(header);
  if (other === undefined) return undefined;
  return new SourceSchemaMismatch(
    `${file} separates its columns by ${other}; nothing was read. Save it as CSV in UTF-8 with commas between them: a spreadsheet asks for it, or takes it from the language of its settings.`,
  );
}

/** The first line of a file, as far as a header reaches. */
export async function firstLine(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longest), 0, longest, 0);
    return buffer.toString("utf8", 0, bytesRead).split(/[\r\n]/u, 1)[0] ?? "";
  } finally {
    await file.close();
  }
}
const longest = 64 * 1024;
