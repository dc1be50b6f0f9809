import { describe, expect, it } from "vitest";
import { list, template } from "../../lib/define/builders.ts";
import type { Field } from "../../lib/define/definition.ts";
import { listOf } from "../../lib/stages/import/list-field.ts";
import { templateOf } from "../../lib/stages/import/template-field.ts";

describe("texts and lists that are made of columns", () => {
  const at = (column: string) => ["a", "b"].indexOf(column);
  type Of<K> = Extract<Field, { kind: K }>;

  it.each([
    [[" x ", null], "x"],
    [[null, "y"], "b is y"],
    [["  ", " "], "none"],
  ])("B5 a template takes the first text that has what it needs: %j", (row, made) => {
    const field = template("{a}", "b is {b}", "none") as Of<"template">;
    expect(templateOf(field, at)(row)).toEqual({ value: made, noted: [] });
  });

  it.each([
    ['[" a ","","a","b"]', ["a", "b"]],
    ['{"k":"v","n":1}', ["k: v", "n: 1"]],
    ['{a,"b, c",NULL,"say \\"no\\""}', ["a", "b, c", 'say "no"']],
    ["{}", []],
    ["null", []],
    ["just a text", ["just a text"]],
    ["{not, {one}", ["{not, {one}"]],
    ['["1","2","3","4"]', ["1", "2", "3"]],
  ])("A4 a list is read however it is written: %s", (raw, texts) => {
    const read = listOf(list("a", "b", { most: 3 }) as Of<"list">, at);
    expect(read([raw, null]).list).toEqual(texts);
    expect(read([null, raw]).list).toEqual(texts);
    expect(read([raw, null]).cut).toBe(raw.includes('"4"'));
  });
});
