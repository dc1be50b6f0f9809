/**
 * What wavegate does not write, and other readers would take for something else than was compared: how it is told, in
 * which file, and the text of the file with it.
 */
export const readOtherwise: readonly (readonly [string, string, (text: string) => string])[] = [
  ["a key twice", "sign-offs.json", (text) => text.replace("{", '{ "decided_by": "nadia",')],
  ["a key twice", "summary.json", (text) => text.replace("{", '{ "status": "stopped",')],
  ["a key twice", "questions.json", (text) => text.replace("{", '{ "question": "?",')],
  ["a key twice", "definition.json", (text) => text.replace("{", '{ "name": "other",')],
  ["a key twice", "audit-log.jsonl", (text) => text.replace("{", '{"actor":"nadia",')],
  [
    "a key twice",
    "audit-log.jsonl",
    (text) => text.replace(/"details":{(?=")/, '$&"by":1,"by":2,'),
  ],
  ["a key twice", "security-log.jsonl", (text) => text.replace("{", '{"actor":"nadia",')],
  ["a key twice", "migration-report.json", (text) => text.replace("{", '{ "dryRun": true,')],
  [
    "a key twice",
    "migration-report.json",
    (text) => text.replace('{"legacyId"', '{"how" : "x", "legacyId"'),
  ],
  ["a number in another notation", "waves.json", (text) => text.replace(/: 25,/, ": 2.5e1,")],
  [
    "more digits than a number has",
    "waves.json",
    (text) => text.replace(/: 25,/, ": 25.00000000000000000001,"),
  ],
  ["a number without an end", "waves.json", (text) => text.replace(/: 25,/, ": 1e999,")],
  [
    "a letter in another notation",
    "sign-offs.json",
    (text) => text.replace('"approved"', '"\\u0061pproved"'),
  ],
  ["no number", "waves.json", (text) => text.replace(/: 25,/, ": NaN,")],
  ["a comment", "waves.json", (text) => `/* 24 */${text}`],
  ["a mark of its byte order", "waves.json", (text) => `\ufeff${text}`],
  ["a mark of its byte order", "audit-log.jsonl", (text) => `\ufeff${text}`],
  ["a mark of its byte order", "rows.csv.gz", (text) => `\ufeff${text}`],
  ["a mark of its byte order", "commit-log.csv.gz", (text) => `\ufeff${text}`],
  [
    "a column twice",
    "rows.csv.gz",
    (text) =>
      text.replaceAll(
        /\r\n/g,
        (end, at) => `,${at < text.indexOf("\r\n") + 1 ? "name" : "Sara"}${end}`,
      ),
  ],
  [
    "a column twice",
    "commit-log.csv.gz",
    (text) =>
      text.replaceAll(
        /\r\n/g,
        (end, at) => `,${at < text.indexOf("\r\n") + 1 ? "wave" : "1"}${end}`,
      ),
  ],
  ["line ends of another system", "commit-log.csv.gz", (text) => text.replaceAll("\r\n", "\n")],
  [
    "elements over several lines",
    "migration-report.json",
    (text) => text.replace(/(\{"legacyId"[^}]*)\}/, "$1\n}"),
  ],
  [
    "an element too many",
    "migration-report.json",
    (text) => text.replace('"errors": [', '"errors": [\n{\n"entity": "x"},'),
  ],
];
