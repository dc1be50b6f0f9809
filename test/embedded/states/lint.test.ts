import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AslDefinition, Json } from "../../../lib/embedded/states/asl.ts";
import { lintStateMachine, substitute } from "../../../lib/embedded/states/lint.ts";
import { loadStateMachines } from "../../../lib/embedded/states/load.ts";
import { ask, call, chain, PREFIX } from "./stand-in.ts";

const known = { functions: ["import", "send"], machines: ["wave"] };
const lint = (definition: AslDefinition) => lintStateMachine(definition, known);

const sound: AslDefinition = chain({
  Import: call("import", {
    Retry: [{ ErrorEquals: ["Lambda.TooManyRequestsException"], MaxAttempts: 2 }],
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Halted" }],
    ResultPath: "$.import",
  }),
  SignOff: ask("send", { TimeoutSeconds: 86_400, HeartbeatSeconds: 600 }),
  Wave: {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync:2",
    Parameters: { StateMachineArn: `${PREFIX}:stateMachine:wave`, "Input.$": "$" },
    TimeoutSeconds: 3600,
  },
  Each: {
    Type: "Map",
    ItemsPath: "$.ranges",
    ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...chain({ Range: call("import") }) },
    End: true,
  },
  Halted: { Type: "Fail" },
});

describe("lintStateMachine", () => {
  it("finds nothing in a sound machine, and leaves it as it was", () => {
    const before = structuredClone(sound);
    expect(lint(sound)).toEqual([]);
    expect(sound).toEqual(before);
  });

  it("passes on what asl-validator says", () => {
    const problems = lint({ StartAt: "A", States: { A: { Type: "Tusk" as never, End: true } } });
    expect(problems.join(" ")).toContain("/States/A/Type");
  });

  it("W2 says of no machine what is wrong with another, whichever is looked at first", () => {
    const wrong = { StartAt: "A", States: { A: { Type: "Tusk" as never, End: true } } };
    const path = { StartAt: "A", States: { A: { Type: "Pass", OutputPath: "$.[", End: true } } };
    const said = [sound, wrong, sound, path as AslDefinition, wrong].map((each) =>
      ["/States/A/Type", "asl_path"].filter((word) => lint(each).join(" ").includes(word)),
    );
    expect(said[0]).toEqual([]);
    expect(said[1]).toEqual(["/States/A/Type"]);
    expect(said[2]).toEqual([]);
    expect(said[3]).toContain("asl_path");
    expect(said[4]).toEqual(said[1]);
  });

  it.each([
    ["Next", { Type: "Pass", Next: "Nowhere" }],
    [
      "Default",
      {
        Type: "Choice",
        Choices: [{ Variable: "$.a", IsPresent: true, Next: "B" }],
        Default: "Nowhere",
      },
    ],
    [
      "Choices",
      {
        Type: "Choice",
        Choices: [{ Variable: "$.a", IsPresent: true, Next: "Nowhere" }],
        Default: "B",
      },
    ],
    [
      "Catch",
      { ...call("import"), Next: "B", Catch: [{ ErrorEquals: ["States.ALL"], Next: "Nowhere" }] },
    ],
  ])("finds a %s that leads nowhere", (_, state) => {
    const problems = lint({ StartAt: "A", States: { A: state as never, B: { Type: "Succeed" } } });
    expect(problems).toContain("The state A goes to Nowhere, which is not there.");
  });

  it("finds a transition out of a Map", () => {
    const inside = { StartAt: "In", States: { In: { Type: "Pass" as const, Next: "After" } } };
    const problems = lint(
      chain({ Each: { Type: "Map", ItemProcessor: inside }, After: { Type: "Succeed" } }),
    );
    expect(problems).toContain("The state In goes to After, which is not there.");
  });

  it("finds a state that none leads to", () => {
    const lonely = chain({ A: { Type: "Pass", End: true }, B: { Type: "Pass" } });
    expect(lint(lonely)).toEqual(["State B is not reachable."]);
  });

  it("finds it also where the machine is broken elsewhere", () => {
    const machine = chain({ A: { Type: "Pass", End: true }, B: { Type: "Tusk" } });
    expect(lint(machine)).toContain("State B is not reachable.");
  });

  it("finds a name used twice, in a Map and outside", () => {
    const inside = chain({ Import: { Type: "Pass" } });
    const machine = chain({
      Import: { Type: "Pass" },
      Each: { Type: "Map", ItemProcessor: inside },
    });
    expect(lint(machine)).toContain("More than one state is named Import.");
  });

  it("finds tasks without a time-out", () => {
    const machine = chain({
      A: call("import", { TimeoutSeconds: undefined as never }),
      B: ask("send", { TimeoutSeconds: undefined as never }),
    });
    expect(lint(JSON.parse(JSON.stringify(machine)))).toEqual([
      "The task A has no TimeoutSeconds.",
      "The task B waits for a token and has no TimeoutSeconds: it could wait for a year.",
    ]);
  });

  it("finds calls of what is not known", () => {
    const bare = "arn:aws:lambda:us-east-1:000000000000:function:nobody";
    const child = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Parameters: { StateMachineArn: `${PREFIX}:stateMachine:nothing` },
      TimeoutSeconds: 5,
    };
    const machine = chain({
      A: call("imprt"),
      B: { Type: "Task", Resource: bare, TimeoutSeconds: 5 },
      C: child,
      D: call("import", { Parameters: { "Payload.$": "$" } }),
    });
    expect(lint(machine)).toEqual([
      "The task A calls the function imprt, which is not known.",
      "The task B calls the function nobody, which is not known.",
      "The task C calls the machine nothing, which is not known.",
      "The task D does not name the function it calls.",
    ]);
  });

  it("finds an integration that is not run here", () => {
    const machine = chain({
      A: { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", TimeoutSeconds: 5 },
    });
    expect(lint(machine).join(" ")).toContain(
      "arn:aws:states:::sqs:sendMessage is not among those",
    );
  });

  it("finds a Retry of everything", () => {
    const Retry = [{ ErrorEquals: ["States.ALL"] }];
    expect(lint(chain({ A: call("import", { Retry }) }))).toEqual([
      "The state A retries States.ALL: name the errors that a retry can mend.",
    ]);
  });

  it.each([
    [
      { run: "$.run" },
      'Parameters of A passes the text "$.run" as it is: the field run lacks the ending ".$".',
    ],
    [
      { deep: [{ all: "$" }] },
      'Parameters of A passes the text "$" as it is: the field all lacks the ending ".$".',
    ],
    [
      { id: "States.UUID()" },
      'Parameters of A passes the text "States.UUID()" as it is: the field id lacks the ending ".$".',
    ],
    [{ "run.$": "run" }, 'Parameters of A has run.$, but "run" is no path and no function.'],
  ])("finds in %j that a path was meant", (Parameters: Json, problem) => {
    expect(lint(chain({ A: { Type: "Pass", Parameters } }))).toContain(problem);
  });

  it("takes a text that only begins with a dollar for a text", () => {
    expect(lint(chain({ A: { Type: "Pass", Parameters: { price: "$5" } } }))).toEqual([]);
  });

  it.each(["$.a[*].b", "$..b", "$.a[0:2]", "$.a[?(@.b == 1)]"])("warns of the path %s", (path) => {
    const machine = chain({ A: { Type: "Pass", Parameters: { "b.$": path } } });
    expect(lint(machine).join(" ")).toContain(`A uses the path ${path}`);
  });

  it("finds substitutions without a value", () => {
    const problems = lint(chain({ A: call("$" + "{ImportFunction}") }));
    expect(problems).toContain("The substitution $" + "{ImportFunction} has no value.");
  });

  it("finds JSONata and distributed Maps", () => {
    const inside = {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      ...chain({ In: { Type: "Pass" } }),
    };
    const problems = lint(
      chain({
        A: { Type: "Pass", QueryLanguage: "JSONata", Output: "{% 1 %}" },
        B: { Type: "Map", ItemProcessor: inside, ToleratedFailurePercentage: 5 },
      }),
    );
    expect(problems).toContain("The state A is written in JSONata. Only JSONPath is run here.");
    expect(problems).toContain("The Map B is DISTRIBUTED; only INLINE is run here.");
    expect(problems).toContain("The Map B has ToleratedFailurePercentage, which is not run here.");
  });
});

describe("substitute", () => {
  it("fills in names and escapes what JSON needs escaped", () => {
    const text = '{"a":"$' + '{A}","b":"x-$' + "{B}-$" + '{A}"}';
    expect(JSON.parse(substitute(text, { A: 'quote " and \\', B: "two" }))).toEqual({
      a: 'quote " and \\',
      b: 'x-two-quote " and \\',
    });
  });

  it("leaves a name without a value, also one that every object has", () => {
    expect(substitute("$" + "{toString} $" + "{A}", {})).toBe("$" + "{toString} $" + "{A}");
  });
});

describe("loadStateMachines", () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "machines-"));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it("names machines after their files", async () => {
    const text = JSON.stringify(chain({ A: call("$" + "{Import}") }));
    await writeFile(join(dir, "migration.asl.yaml"), text);
    await writeFile(join(dir, "notes.json"), "not a machine");
    expect(await loadStateMachines(dir, { Import: "import" })).toEqual({
      migration: chain({ A: call("import") }),
    });
  });

  it("names the file and the substitution that has no value", async () => {
    await writeFile(join(dir, "migration.asl.yaml"), '{"StartAt":"$' + '{Missing}"}');
    await expect(loadStateMachines(dir, {})).rejects.toThrow(
      "migration.asl.yaml has substitutions without a value: $" + "{Missing}.",
    );
  });

  it("names the file that is not YAML", async () => {
    await writeFile(join(dir, "migration.asl.yaml"), "{oops");
    await expect(loadStateMachines(dir, {})).rejects.toThrow(/^migration.asl.yaml is not YAML/);
  });
});
