import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { graphOf } from "../../lib/console/machine/graph.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";
import { languages } from "../../lib/speech/language.ts";

/** The states of a machine. */
const statesOf = (machine: string): string[] =>
  Object.keys(parse(readFileSync(`statemachines/${machine}.asl.yaml`, "utf8")).States);

it("R5 W11 every state of every machine is called something to people, in both languages, that fits its box", () => {
  const states = ["migration", "wave", "rollback"].flatMap(statesOf);
  const bad = languages.flatMap((language) =>
    states
      .map((state) => [language, state, textsIn(language).stepNamed(state)] as const)
      .filter(([, state, name]) => name.length > 18 || /[A-Z]/u.test(name) || name === state),
  );
  expect(bad).toEqual([]);
  // One that nobody wrote a name for would be called by the words of its own in both.
  expect(textsIn("fr").stepNamed("LookAgain")).toBe("look again");
  const made = states.filter(
    (state) =>
      textsIn("fr").stepNamed(state) ===
      state.replaceAll(/(?<=[a-z])(?=[A-Z])/gu, " ").toLowerCase(),
  );
  expect(made).toEqual([]);
});

it("R5 W11 every way of a picture that is called something is called so in both languages", () => {
  const called = ["migration", "wave", "rollback"].flatMap((machine) =>
    graphOf(parse(readFileSync(`statemachines/${machine}.asl.yaml`, "utf8"))).edges.flatMap(
      ({ label }) => (label === "" ? [] : [label]),
    ),
  );
  const { stepGoesOn } = textsIn("fr");
  const same = ["pause"];
  expect(called.filter((label) => stepGoesOn(label) === label && !same.includes(label))).toEqual(
    [],
  );
  expect(called.map(textsIn("en").stepGoesOn).filter((label) => label.includes("-"))).toEqual([]);
});

it.each([
  ["LambdaFunctionTimedOut", "out of time", "hors délai"],
  ["TaskStateEntered", "begun", "commencée"],
  ["ExecutionFailed", "failed", "en échec"],
  ["Unheard", "Unheard", "Unheard"],
])("W11 the event %s is told as: %s", (type, en, fr) => {
  expect([textsIn("en").stepHappened(type), textsIn("fr").stepHappened(type)]).toEqual([en, fr]);
});
