import type { AuditEntry } from "../../lib/evidence/audit-chain.ts";
import type { Forger, Loose } from "./forger.ts";

/** One lie in a bundle: where it stands, by the name of a field, and how it is told. */
export interface Forgery {
  /** File and field, e.g. `waves.json [].counts.picked`; of the log with its action. */
  readonly field: string;
  readonly how: string;
  readonly tell: (forger: Forger) => unknown;
}

type Path = readonly (string | number)[];

const JSON_FILES = [
  "summary.json",
  "balance.json",
  "definition.json",
  "waves.json",
  "sign-offs.json",
  "samples.json",
  "questions.json",
  "verifications.json",
  "drill.json",
  "go-no-go.json",
  "policy-bundle.json",
  "migration-config.json",
];
/** Every forgery of one field at a time, in every file of an audit bundle. */
export function forgeries(whole: Forger): Forgery[] {
  return [
    ...JSON_FILES.filter((name) => whole.names.includes(name)).flatMap((name) =>
      ofJson(whole, name),
    ),
    ...ofLog(whole),
    ...ofReport(whole),
    ...whole.names
      .filter((name) => /\.csv(\.gz)?$/.test(name))
      .flatMap((name) => ofCsv(whole, name)),
    ...ofSecurityLog(whole),
    ...ofManifest(whole),
  ];
}

/** Fields by their name, lists counted as one: of each the first and the last place that has it. */
function places(value: Loose): Map<string, Path[]> {
  const found = new Map<string, Path[]>();
  const walk = (inner: Loose, path: Path) => {
    const name = path.map((key) => (typeof key === "number" ? "[]" : `.${key}`)).join("");
    if (name !== "") {
      const known = found.get(name) ?? [];
      found.set(name, known.length < 1 ? [path] : [known[0] as Path, path]);
    }
    if (typeof inner !== "object" || inner === null) return;
    for (const [key, each] of Object.entries(inner)) {
      walk(each, [...path, Array.isArray(inner) ? Number(key) : key]);
    }
  };
  walk(value, []);
  return found;
}

const at = (value: Loose, path: Path): Loose => path.reduce((inner, key) => inner?.[key], value);

function put(value: Loose, path: Path, change: (old: Loose) => Loose): void {
  const holder = at(value, path.slice(0, -1));
  const key = path.at(-1) as string;
  holder[key] = change(holder[key]);
}

/** Other values of the same kind. */
export function lies(value: Loose): { how: string; other: Loose }[] {
  if (value === null) return [{ how: "something instead of nothing", other: "forged" }];
  if (typeof value === "number") return [{ how: "one more", other: value + 1 }];
  if (typeof value === "boolean") return [{ how: "the contrary", other: !value }];
  if (Array.isArray(value)) {
    return value.length === 0
      ? [{ how: "an element too many", other: ["forged"] }]
      : [
          { how: "emptied", other: [] },
          { how: "one fewer", other: value.slice(0, -1) },
        ];
  }
  if (typeof value === "object") {
    return Object.keys(value).length === 0
      ? [{ how: "something instead of nothing", other: { forged: 1 } }]
      : [{ how: "emptied", other: {} }];
  }
  if (/^\d{4}-\d\d-\d\d[T ]/.test(value)) {
    const moved = (days: number) => new Date(Date.parse(value) + days * 86_400_000).toISOString();
    return [
      { how: "a day later", other: moved(1) },
      { how: "a day earlier", other: moved(-1) },
    ];
  }
  if (/^[0-9a-f]{64}$/.test(value)) return [{ how: "another digest", other: "ab".repeat(32) }];
  return [{ how: "another text", other: `${value}x` }];
}

function ofJson(whole: Forger, name: string): Forgery[] {
  const found = [...places(JSON.parse(whole.read(name)))].filter(
    // One digest is over all of the definition: a field of each of its parts is enough.
    ([field]) => name !== "definition.json" || /^\.\w+(\.\w+)?$/.test(field),
  );
  return found.flatMap(([field, paths]) =>
    paths.flatMap((path) =>
      lies(at(JSON.parse(whole.read(name)), path)).map(({ how, other }) => ({
        field: `${name} ${field}`,
        how,
        tell: (forger: Forger) => forger.json(name, (value) => put(value, path, () => other)),
      })),
    ),
  );
}

function ofLog(whole: Forger): Forgery[] {
  const entries: AuditEntry[] = whole
    .read("audit-log.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const { run_id, at: moment, actor, action, digest, details } = entry;
    if (seen.has(action)) return [];
    seen.add(action);
    const body = { run_id, at: moment, actor, action, digest, details };
    const told = [...places(body)].flatMap(([field, paths]) =>
      paths.flatMap((path) =>
        lies(at(body, path)).map(({ how, other }) => ({
          field: `audit-log.jsonl ${action} ${field}`,
          how,
          tell: (forger: Forger) => forger.log((all) => put(all, [index, ...path], () => other)),
        })),
      ),
    );
    return [
      ...told,
      {
        field: `audit-log.jsonl ${action}`,
        how: "taken out",
        tell: (forger) => forger.log((all) => all.filter((_, place) => place !== index)),
      },
      {
        field: `audit-log.jsonl ${action}`,
        how: "told twice",
        tell: (forger) =>
          forger.log((all) =>
            all.flatMap((each, place) => (place === index ? [each, each] : [each])),
          ),
      },
    ];
  });
}

/** The log of what happens around runs: whatever is changed in it breaks its chain or its head. */
function ofSecurityLog(whole: Forger): Forgery[] {
  const name = "security-log.jsonl";
  const lines = whole.read(name).trimEnd().split("\n").filter(Boolean);
  const all = (made: string[]) => made.map((line) => `${line}\n`).join("");
  return [
    {
      field: name,
      how: "an entry made up",
      tell: (forger) => forger.text(name, () => all([...lines, lines[0] ?? "{}"])),
    },
  ];
}

/** The report's small fields, and one element of each of its lists; its lines stay lines. */
function ofReport(whole: Forger): Forgery[] {
  const name = "migration-report.json";
  const lines = whole.read(name).split("\n");
  const seen = new Set<string>();
  let list = "";
  return lines.flatMap((line, index) => {
    list = /^\s*,?\s*"([^"]+)": [[{]/.exec(line)?.[1] ?? list;
    return [...line.matchAll(/"(\w+)" ?: ("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false)/g)].flatMap(
      (pair) => {
        const field = `${name} ${list}.${pair[1]}`;
        if (seen.has(field)) return [];
        seen.add(field);
        return lies(JSON.parse(pair[2] as string)).map(({ how, other }) => ({
          field,
          how,
          tell: (forger: Forger) =>
            forger.text(name, () =>
              lines
                .map((each, place) =>
                  place === index
                    ? each.replace(
                        pair[0],
                        pair[0].replace(pair[2] as string, JSON.stringify(other)),
                      )
                    : each,
                )
                .join("\n"),
            ),
        }));
      },
    );
  });
}

/** A cell of each column, where it says something and where it does not; a row fewer, and one twice. */
function ofCsv(whole: Forger, name: string): Forgery[] {
  const rows = whole
    .read(name)
    .split("\r\n")
    .slice(0, -1)
    .map((line) => line.split(","));
  const [heading = [], ...records] = rows;
  const plain = records.filter((row) => row.length === heading.length);
  const cells = heading.flatMap((column, cell) => {
    const filled = plain.find((row) => row[cell] !== "");
    const empty = plain.find((row) => row[cell] === "");
    return [filled, empty].filter((row) => row !== undefined).map((row) => ({ column, cell, row }));
  });
  const change = (row: string[], cell: number, other: string) => (forger: Forger) =>
    forger.csv(name, (all) => {
      const forged = all.find((each) => each.join() === row.join()) as string[];
      forged[cell] = other;
    });
  return [
    ...cells.map(({ column, cell, row }) => ({
      field: `${name} ${column}`,
      how: row[cell] === "" ? "something instead of nothing" : "another value",
      tell: change(row, cell, otherCell(column, row[cell] ?? "")),
    })),
    {
      field: `${name}`,
      how: "a record fewer",
      tell: (forger) => forger.csv(name, (all) => all.filter((row) => row !== all[1])),
    },
    {
      field: `${name}`,
      how: "a record twice",
      tell: (forger) => forger.csv(name, (all) => [...all, all.at(-1)]),
    },
  ];
}

/** What passes for a cell of its column: masked cells stay masked. */
function otherCell(column: string, value: string): string {
  if (column === "name") return "Z. Z.";
  if (column === "phone") return "213•••••••99";
  if (column === "email") return "z•••@example.org";
  if (column === "birth_year") return "1901";
  if (/^\d+$/.test(value)) return String(Number(value) + 1);
  if (/^\d{4}-\d\d-\d\dT/.test(value)) {
    return new Date(Date.parse(value) + 86_400_000).toISOString();
  }
  return value === "" ? "7" : `${value}x`;
}

function ofManifest(whole: Forger): Forgery[] {
  const manifest = JSON.parse(whole.read("manifest.json"));
  return Object.entries(manifest)
    .filter(([key]) => key !== "files")
    .flatMap(([key, value]) =>
      lies(value).map(({ how, other }) => ({
        field: `manifest.json .${key}`,
        how,
        tell: (forger: Forger) =>
          forger.manifest((forged) => {
            forged[key] = key === "kind" ? "review" : other;
          }),
      })),
    );
}
