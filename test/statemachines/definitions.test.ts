import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { lintStateMachine, substitute } from "../../lib/embedded/states/lint.ts";

const root = new URL("../../", import.meta.url);
const names = async (folder: string, ending: string) =>
  (await readdir(new URL(folder, root)))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
const pascal = (name: string) =>
  name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const functions = await names("functions/", ".ts");
const machines = await names("statemachines/", ".asl.yaml");
const lambdaArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const machineArn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const values = Object.fromEntries([
  ...functions.map((name) => [`${pascal(name)}Function`, lambdaArn(name)]),
  ...machines.map((name) => [`${pascal(name)}StateMachine`, machineArn(name)]),
]);

describe("W1 the state machines", () => {
  it("are the migration, one wave, and the rollback", () => {
    expect(machines).toEqual(["migration", "rollback", "wave"]);
  });

  it.each(machines)("%s is valid: states, references, time-outs, named retries", async (name) => {
    const text = await readFile(new URL(`statemachines/${name}.asl.yaml`, root), "utf8");
    const definition = parse(substitute(text, values));
    expect(lintStateMachine(definition, { functions, machines })).toEqual([]);
  });

  it("use every function except those that a deployment, a schedule or people over HTTP call", async () => {
    const texts = await Promise.all(
      machines.map((name) => readFile(new URL(`statemachines/${name}.asl.yaml`, root), "utf8")),
    );
    const unused = functions.filter(
      (name) => !texts.some((text) => text.includes(`\${${pascal(name)}Function}`)),
    );
    expect(unused).toEqual([
      "console",
      "erase-due",
      "front-door",
      "keep-decision",
      "look",
      "note-sign-in",
      "profile-activity",
      "refuse-replacement",
      "set-up-database",
      "start-execution",
      "waiting",
    ]);
  });
});
