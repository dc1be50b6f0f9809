import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { planOf } from "../../lib/compile/keys.ts";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { choicesOf } from "../../lib/console/rows/filter.ts";
import { engineReasons, onlyNamed, reasonOfEngine } from "../../lib/define/reasons.ts";
import { statesOfRef } from "../../lib/define/reference-above.ts";
import { partsOf } from "../../lib/define/several.ts";
import { reasonIn } from "../../lib/review/reasons.ts";
import { speech } from "../../lib/speech/speech.ts";
import { migrations } from "../../migrations/index.ts";
import { englishLines } from "../support/english.ts";

const sentence = /^\p{Lu}.*[.!?]$/su;

/** Every reason that rows of a definition may have: of its plan, of its room, and of a row that is there. */
const reasonsOf = (definition: Parameters<typeof partsOf>[0]): string[] =>
  partsOf(definition).flatMap((migration) => [
    ...planOf(migration).flatMap((line) =>
      ["hold", "conflict", "skip", "fail"].flatMap((does) => {
        const reason = (line as unknown as Record<string, unknown>)[does];
        return typeof reason === "string" ? [reason] : [];
      }),
    ),
    ...(migration.entity.room === undefined ? [] : [migration.entity.room.hold]),
    ...(migration.entity.is === undefined
      ? []
      : ["unchanged", "several_there", "shared_there", "perhaps_there"]),
    "held_by_person",
    "refused_by_platform",
    "platform_changed_since_review",
    "moved_before",
  ]);

it.each(Object.entries(migrations))(
  "B4 R5 every reason for which %s does not write a row has a sentence, in French too, and the list is narrowed by it",
  (_name, definition) => {
    const look = pinLook(definition);
    const { reason: choices = [] } = choicesOf(look);
    const french = speech("fr", look);
    const names = [...new Set(reasonsOf(definition))];
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) {
      expect(choices).toContain(name);
      const { says } = reasonIn(look.parts, name);
      expect([name, sentence.test(says), says === onlyNamed(name)]).toEqual([name, true, false]);
      const said = french.said(says);
      expect([name, said === says, englishLines([said])]).toEqual([name, false, []]);
    }
  },
);

/** Names that stages and waves keep as the reason of a row, where they write it. */
function keptByTheEngine(): string[] {
  const lib = join(import.meta.dirname, "../../lib");
  const writes =
    /(?:set [^\n]*state_reason = |state_reason = case |planned_reason: \w+\(|const reason = |const heldFor[^=]*= |const refusedByPlatform = )/gu;
  const files = globSync("{compile,stages}/**/*.ts", { cwd: lib });
  return files.flatMap((file) => {
    const source = readFileSync(join(lib, file), "utf8");
    return [...source.matchAll(writes)].flatMap(({ index, 0: found }) => {
      const statement = source.slice(index + found.length, index + found.length + 260);
      const [until = ""] = statement.split(/\n\s*(?:from|where)\b|;\n/u);
      return [...until.matchAll(/(?:then |else |: |= |, |^)["']([a-z]+(?:_[a-z]+)*)["']/gu)].map(
        ([, name = ""]) => name,
      );
    });
  });
}

it("B4 R5 every reason that a stage or a wave writes by itself has a sentence, and so has one that nobody knows", () => {
  const states = ["held", "skipped", "pending", "rolled_back", "null"];
  const kept = [...new Set(keptByTheEngine())].filter((name) => !states.includes(name));
  for (const known of ["held_by_person", "platform_changed_since_review", "file_there_differs"])
    expect(kept).toContain(known);
  expect(kept.filter((name) => reasonOfEngine(name) === undefined)).toEqual([]);
  const french = speech("fr", undefined);
  for (const name of [...Object.keys(engineReasons), "waits_for_link", "of_an_older_version"]) {
    const { says } = reasonIn([], name);
    expect([name, sentence.test(says)]).toEqual([name, true]);
    expect([name, englishLines([french.said(says)])]).toEqual([name, []]);
  }
  expect(reasonIn([], "toString").says).toBe(onlyNamed("toString"));
});

it("R5 W13 what a row above is found to be is said in French as well", () => {
  const { named } = speech("fr", undefined);
  const states = statesOfRef("member", "member");
  expect(states.filter((state) => named(state) === state)).toEqual([]);
});
