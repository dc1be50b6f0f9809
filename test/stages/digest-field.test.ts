import { describe, expect, it } from "vitest";
import { importedColumns } from "../../lib/compile/columns.ts";
import { sha1, sha256 } from "../../lib/define/builders.ts";
import type { Field } from "../../lib/define/definition.ts";
import { rowImporter } from "../../lib/stages/import/import-row.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { small } from "../support/small.ts";

/** The digest of a row with these columns. */
function digest(field: Field, row: Record<string, string | null>): unknown {
  const migration = small(
    "keyed",
    "id",
    {},
    {
      source: { things: { key: "id", columns: ["id", ...Object.keys(row), "word"] } },
      fields: { key: field },
    },
  );
  const made = importedColumns(migration).filter(({ from }) => from === undefined);
  const [, ...values] = rowImporter(
    migration,
    "things",
    "2026-11-20",
  )(["1", ...Object.values(row), null]);
  return values[made.findIndex(({ name }) => name === "key")];
}

describe("C7 keys that a platform makes of a text", () => {
  it.each([
    [
      "classrooms:{community}:{user}:{course}",
      { community: "7", user: "42", course: "101" },
      "71d200eb02b29136c026aebd19ff9cce15e97d22",
    ],
    [
      "profile:community_post:{post}:{community}",
      { post: "501", community: "7" },
      "ed5698d62a0125e047db8bb80021755f64494296",
    ],
    [
      "profile:community_comment:{comment}:{community}",
      { comment: "777", community: "7" },
      "1f7143db4fa2536e3ed2218680094576f73c297d",
    ],
    [
      "profile:course_completion:{certificate}:{community|global}",
      { certificate: "9", community: "7" },
      "3cfdf9a5dbaed93c683a4825f4a5bd01b4859852",
    ],
    [
      "profile:course_completion:{certificate}:{community|global}",
      { certificate: "9", community: null },
      "78f61d9562ffafc6db9496b29c5cc94a1a8f3055",
    ],
  ] as const)("SHA-1 of %s with %o", (of, row, hex) => {
    expect(digest(sha1(of), row)).toBe(hex);
  });

  it("is none where a column has no value, and of an empty text where it has that", () => {
    expect(digest(sha1("a:{b}"), { b: null })).toBe(null);
    expect(digest(sha1("{b|}"), { b: null })).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect(digest(sha256("{b}"), { b: "" })).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it("takes letters and braces as they stand", () => {
    expect(digest(sha256("{b}{"), { b: "é" })).toBe(
      "f257e4fa7eb781537d65c1eb1dfbb05573d82a51a057f015492f65c08b61d0f2",
    );
  });

  it("of no column, or of one that the table lacks, is no key", () => {
    const faults = (field: Field) =>
      definitionFaults(small("keyed", "id", {}, { fields: { key: field } }));
    expect(faults(sha1("always"))).toContain(
      "The field “key” is the digest of a text without columns: every row has the same.",
    );
    expect(faults(sha1("{word}:{gone}"))).toContain(
      "The field “key” is made from “gone”, a column that “things” does not declare.",
    );
  });
});
