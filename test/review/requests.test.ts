import { expect, it } from "vitest";
import { LookRequest } from "../../lib/review/steer/look.ts";
import { Restoring } from "../../lib/review/steer/restore.ts";

const digest = "0123456789abcdef".repeat(4);
const restoring = { backup: "b", backup_sha256: digest, rows_lost: 0, rows_back: 0 };
const run = "7f3a0000-0000-4000-8000-000000000001";
const mappings = { look: "mappings", run, reference: "courses", which: "open", limit: 1 };
const row = (named: object) => ({ look: "row", run, row: named });
const long = (length: number) => "x".repeat(length);

it.each([
  ["as it is", {}, true],
  ["no name", { backup: "" }, false],
  ["the longest name", { backup: long(200) }, true],
  ["a longer name", { backup: long(201) }, false],
  ["a digest and more", { backup_sha256: `${digest}0` }, false],
  ["more and a digest", { backup_sha256: `0${digest}` }, false],
  ["half a digest", { backup_sha256: digest.slice(1) }, false],
  ["a digest in capitals", { backup_sha256: digest.toUpperCase() }, false],
  ["fewer than no rows lost", { rows_lost: -1 }, false],
  ["half a row back", { rows_back: 0.5 }, false],
  ["what nobody asked for", { person: "karima" }, false],
])("V10 a restored backup is told of with %s: %o, %s", (_, changed, taken) => {
  expect(Restoring.safeParse({ ...restoring, ...changed }).success).toBe(taken);
});

it.each([
  ["a row by its id", row({ id: 0 }), true],
  ["a row before the first", row({ id: -1 }), false],
  ["a row by what names nothing", row({}), false],
  ["a row by its legacy id", row({ table: long(200), legacyId: long(1_000) }), true],
  ["a table of too long a name", row({ table: long(201), legacyId: "1" }), false],
  ["too long a legacy id", row({ table: "t", legacyId: long(1_001) }), false],
  ["a row of no run", { ...row({ id: 0 }), run: "1" }, false],
  ["samples", { look: "samples", run, digest: long(100) }, true],
  ["samples of too long a digest", { look: "samples", run, digest: long(101) }, false],
  ["mappings", mappings, true],
  ["mappings of too long a name", { ...mappings, reference: long(101) }, false],
  ["no mappings", { ...mappings, limit: 0 }, false],
  ["many mappings", { ...mappings, limit: 500 }, true],
  ["too many mappings", { ...mappings, limit: 501 }, false],
  ["others than open mappings", { ...mappings, which: "closed" }, false],
  ["labels", { look: "labels", run, reference: long(100) }, true],
  ["labels of too long a name", { look: "labels", run, reference: long(101) }, false],
  ["something else", { look: "people", run }, false],
  ["more than is looked at", { look: "held", run, person: "karima" }, false],
])("M14 a terminal asks for %s", (_, asked, taken) => {
  expect(LookRequest.safeParse(asked).success).toBe(taken);
});
