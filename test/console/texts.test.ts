import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import { untold } from "../../lib/compile/problems/translations.ts";
import { because } from "../../lib/console/because.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";
import { saysOf } from "../../lib/define/findings.ts";
import { partsOf } from "../../lib/define/several.ts";
import { explainChange } from "../../lib/review/digest/digest.ts";
import { speech } from "../../lib/speech/speech.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { migrations } from "../../migrations/index.ts";

const lib = new URL("../../lib/", import.meta.url);
const room = new URL("../../lib/console/texts/", import.meta.url);
/** Files of the room that hold no part of the catalogue. */
const others = ["texts.ts"];

it("R5 each text of the console has a key of its own: of two under one key the first would be lost untold", async () => {
  const keys: string[] = [];
  const files = readdirSync(room).filter((file) => !others.includes(file));
  for (const file of files) {
    const parts = Object.values(await import(new URL(file, room).href)) as object[];
    for (const part of parts) keys.push(...Object.keys(part));
  }
  expect(keys.length).toBeGreaterThan(100);
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
});

/** What two catalogues say under the same key; of functions, what they say of two. */
function pairs(english: unknown, french: unknown): [string, string][] {
  if (typeof english === "function" && typeof french === "function") {
    const of = (says: (...numbers: unknown[]) => unknown) => {
      try {
        return says(2, 2, 2, 2);
      } catch {
        return undefined;
      }
    };
    return pairs(of(english as () => unknown), of(french as () => unknown));
  }
  if (typeof english === "string" && typeof french === "string") return [[english, french]];
  if (typeof english !== "object" || english === null || french === null) return [];
  return Object.entries(english).flatMap(([key, value]) =>
    pairs(value, (french as Record<string, unknown>)[key]),
  );
}

it("R5 R17 what is taken back is in French no word that also means to go on, or to move over", () => {
  const all = pairs(textsIn("en"), textsIn("fr"));
  expect(all.length).toBeGreaterThan(400);
  const back = all.filter(
    ([says]) =>
      /\b(?:take[sn]?|taking|took) (?:\w+ ){0,3}back\b|roll(?:ed|s)? back/iu.test(says) &&
      !/go on|verdict/u.test(says),
  );
  expect(back.length).toBeGreaterThan(12);
  expect(back.filter(([, says]) => /repr(?:en|is)/iu.test(says))).toEqual([]);
});

/** Every sentence that pages show of a definition, wherever it stands; sections are a terminal's. */
function sentencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(sentencesOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (["says", "title", "empty", "priority"].includes(name) && typeof inner === "string") {
      return [inner];
    }
    return ["checks", "sections", "placeholder", "translations"].includes(name)
      ? []
      : sentencesOf(inner);
  });
}

/** Words that are the same in both languages, and codes of a platform's own. */
const alike =
  /^(?:session|section|module|image|mobile|NEWCOMER|FIRST_YEAR|SECOND_YEAR|THIRD_YEAR|ALUMNI|LAPSED|PROSPECT)$|^[SM](?:ection|odule)\.$/u;

it.each(Object.entries(migrations))(
  "R5 every sentence of %s that a page shows is said in French, and each of its names",
  (_name, definition) => {
    const { said, named } = speech("fr", definition);
    const sentences = sentencesOf(definition);
    expect(sentences.length).toBeGreaterThan(50);
    const left = sentences.filter((each) => said(each) === each && !alike.test(each));
    expect([...new Set(left)]).toEqual([]);
    const names = partsOf(definition).flatMap(({ part, waves, focus, references, entity }) => [
      part ?? "row",
      ...waves.order,
      ...Object.keys(focus.modes),
      ...Object.keys(references),
      ...Object.keys(entity.actions),
      ...Object.keys(entity.decide),
      ...Object.values(entity.decide).flatMap((lines) => lines.map(({ is }) => is)),
      ...Object.keys(entity.fields),
    ]);
    const untranslated = names.filter(
      (each) => named(each) === each.replaceAll("_", " ") && !alike.test(each),
    );
    expect([...new Set(untranslated)]).toEqual([]);
    // And nothing is translated that it does not say.
    expect(untold(definition)).toEqual([]);
  },
);

it("R5 every finding that the engine tells of by itself is said in French, and what waits for a row above", () => {
  const { said } = speech("fr", undefined);
  expect(Object.values(saysOf).filter((says) => said(says) === says)).toEqual([]);
  expect(
    said("What “gym_member” names is not on the platform, and no wave before writes it."),
  ).toBe(
    "Ce que « gym member » désigne n’est pas sur la plateforme, et aucune vague ne l’écrit avant.",
  );
});

it("R5 what nothing in a definition says is not translated untold, and a language has two letters", () => {
  const translations = {
    fr: { "No usable name.": "Aucun.", "No usable nme.": "Aucun." },
    french: {},
  };
  expect(untold({ ...ecoin, translations })).toEqual([{ language: "fr", text: "No usable nme." }]);
  expect(problemsOf({ ...ecoin, translations })).toEqual([
    "“french” of `translations` is no language: it is two letters, as fr.",
  ]);
  expect([problemsOf(ecoin), untold(ecoin)]).toEqual([[], []]);
});

it("R5 what is not translated is shown as it stands; a name that every object has is none", () => {
  const { said, named, label } = speech("fr", { translations: { fr: { lead_only: "prospect" } } });
  expect([named("lead_only"), label("lead_only"), named("gym_member")]).toEqual([
    "prospect",
    "Prospect",
    "gym member",
  ]);
  expect([named("constructor"), said("toString")]).toEqual(["constructor", "toString"]);
  expect(speech("en", undefined).named("needs_review")).toBe("needs review");
});

it("W7 R5 what changed since a signature is said in French, whatever changed", () => {
  const parts = { definition: "1", run: "1", rows: "1", mappings: "1", export: "1" };
  const now = (changed: Partial<typeof parts>) =>
    textsIn("fr").whatChanged(
      explainChange(parts, { ...parts, ...changed }, ["course", "session"]),
    );
  expect([
    now({ definition: "2" }),
    now({ mappings: "2" }),
    now({ run: "2", rows: "2" }),
    now({ definition: "2", run: "2", rows: "2", mappings: "2" }),
    now({ export: "2" }),
    textsIn("fr").whatChanged(explainChange(parts, { ...parts, export: null })),
  ]).toEqual([
    "les règles de la migration ont changé",
    "les correspondances ou le nom de ce qu’elles désignent ont changé",
    "ce à quoi l’exécution est liée (source, priorité ou vagues) et les lignes lues ou ce qui en est décidé ont changé",
    "les règles de la migration, ce à quoi l’exécution est liée (source, priorité ou vagues), les lignes lues ou ce qui en est décidé et les correspondances ou le nom de ce qu’elles désignent ont changé",
    "l’export de relecture a été refait",
    "l’export de relecture a disparu",
  ]);
});

it("R5 each refusal that is said in French is one that the product has", () => {
  const source = readdirSync(lib, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(?:ts|sql)$/u.test(file) && !file.startsWith("speech/"))
    .map((file) => readFileSync(new URL(file, lib), "utf8"))
    .join("\n");
  const names = Object.keys(textsIn("fr").refusalSays);
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !new RegExp(`["']${name}["']`, "u").test(source))).toEqual([]);
});

it("R5 what somebody remarked is quoted as each language quotes", () => {
  const said = (["en", "fr"] as const).map((language) =>
    textsIn(language).remarked("karima", "Vu"),
  );
  expect(said).toEqual(["karima: “Vu”", "karima : « Vu »"]);
});

/** What entries of the log are called, as the product writes them. */
function actsOfTheLog(): string[] {
  const source = readdirSync(lib, { recursive: true, encoding: "utf8" })
    .filter((file) =>
      /^(?:stages|review|evidence|console\/noted|data\/schema)\b.*\.(?:ts|sql)$/u.test(file),
    )
    .map((file) => readFileSync(new URL(file, lib), "utf8"))
    .join("\n");
  const acts = [
    ...source.matchAll(/\baction: "([\w-]+)"/gu),
    ...source.matchAll(/\baction (?:=|in) \(?'([\w-]+)'/gu),
  ].map(([, act = ""]) => act);
  expect(acts.length).toBeGreaterThan(30);
  expect(acts).toContain("started");
  return [...new Set(acts)];
}

it("W12 R5 each act that the log tells of is named in French", () => {
  const acts = actsOfTheLog();
  const { named } = speech("fr", undefined);
  // Acts about people stand in another log, and one word is the same.
  const others = /^(?:permissions-given|signed-out|password-changed|pause)$/u;
  expect(acts.filter((act) => named(act) === act && !others.test(act))).toEqual([]);
});

it("W12 R5 each act that the log tells of, and each stage, is told in words", () => {
  const { named } = speech("en", undefined);
  const stages = ["preflight", "import", "validate", "classify", "match", "dry-run"];
  const told = [...actsOfTheLog(), ...stages, "export-review", "final-verify", "restore-begun"];
  const people = /^(?:permissions-given|signed-out|password-changed)$/u;
  const asWords = told.filter((act) => !people.test(act)).map(named);
  // A sign-off is called so.
  expect(asWords.filter((act) => act.replace(/sign-offs?/u, "").includes("-"))).toEqual([]);
  expect(["sign-off-asked", "export-review", "rows-refused"].map(named)).toEqual([
    "sign-off asked for",
    "export for review",
    "rows refused by the platform",
  ]);
});

it("R7 one stop condition holds, two hold", () => {
  const said = (language: "en" | "fr") => [0, 1, 2].map(textsIn(language).stopsHold);
  expect(said("en")).toEqual(["none holds", "1 of them holds", "2 of them hold"]);
  expect(said("fr")).toEqual(["aucune n’est remplie", "1 remplie", "2 remplies"]);
});

it("R5 commands of a sentence that a terminal says too stand as such, and what they hold as text", () => {
  const message = "There is no run “<b>”. `wavegate runs <b>` lists them.";
  const said = because({ language: "en", texts: textsIn("en") }, { error: "UnknownRun", message });
  expect(said.toString()).toBe(
    "<bdi>There is no run “&lt;b&gt;”. </bdi><code>wavegate runs &lt;b&gt;</code><bdi> lists them.</bdi>",
  );
});
