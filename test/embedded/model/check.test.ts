import { describe, expect, it } from "vitest";
import { violationOf } from "../../../lib/embedded/model/check.ts";
import {
  boolean,
  integer,
  list,
  oneOf,
  sensitive,
  string,
  structure,
} from "../../../lib/embedded/model/shapes.ts";
import { inputs } from "../../../lib/embedded/states/model.ts";

const shape = structure({
  "Name!": string(1, 4),
  Secret: sensitive(3),
  Count: integer(1, 5),
  Word: oneOf("A", "B"),
  Flag: boolean,
  Bytes: { type: "blob", min: 1, max: 2 },
  Items: list(structure({ "Key!": string(1) }), 2),
});

const said = (request: object) => violationOf(shape, request)?.message;
const one = (rest: string) => `1 validation error detected: Value ${rest}`;
const not = "failed to satisfy constraint: Member must";

describe("W2 the model of a service", () => {
  it.each([
    [{}, `null at 'name' ${not} not be null`],
    [{ Name: null }, `null at 'name' ${not} not be null`],
    [{ Name: "" }, `'' at 'name' ${not} have length greater than or equal to 1`],
    [{ Name: "abcde" }, `'abcde' at 'name' ${not} have length less than or equal to 4`],
    [{ Name: "a", Secret: "1234" }, `at 'secret' ${not} have length less than or equal to 3`],
    [{ Name: "a", Count: 0 }, `'0' at 'count' ${not} have value greater than or equal to 1`],
    [{ Name: "a", Count: 6 }, `'6' at 'count' ${not} have value less than or equal to 5`],
    [{ Name: "a", Word: "C" }, `'C' at 'word' ${not} satisfy enum value set: [A, B]`],
    [{ Name: "a", Bytes: "" }, `at 'bytes' ${not} have length greater than or equal to 1`],
    [{ Name: "a", Bytes: "AAAA" }, `at 'bytes' ${not} have length less than or equal to 2`],
    [{ Name: "a", Items: [{ Key: "k" }, {}] }, `null at 'items.2.member.key' ${not} not be null`],
    [{ Name: "a", Items: [null] }, `null at 'items.1.member' ${not} not be null`],
    [
      { Name: "a", Items: [{ Key: "k" }, { Key: "k" }, { Key: "k" }] },
      `'[…]' at 'items' ${not} have length less than or equal to 2`,
    ],
  ])("says of %j what does not hold, in AWS's words", (request, message) => {
    expect(said(request)).toBe(one(message));
  });

  it("lets through what holds: characters are counted, and not units", () => {
    expect(
      said({ Name: "👩👩👩👩", Secret: "123", Count: 5, Word: "B", Flag: false, Bytes: "AAA=" }),
    ).toBe(undefined);
    expect(said({ Name: "👩👩👩👩👩" })).toContain("less than or equal to 4");
    expect(said({ Name: "a", Word: null, Items: [], Unknown: 7 })).toBe(undefined);
  });

  it("says all that does not hold at once", () => {
    expect(said({ Count: 9, Word: "x" })).toBe(
      `3 validation errors detected: Value null at 'name' ${not} not be null; Value '9' at 'count' ${not} have value less than or equal to 5; Value 'x' at 'word' ${not} satisfy enum value set: [A, B]`,
    );
  });

  it.each([
    [{ Name: 7 }, "NUMBER_VALUE can not be converted to a String"],
    [{ Name: true }, "TRUE_VALUE or FALSE_VALUE can not be converted to a String"],
    [{ Name: {} }, "Start of structure or map found where not expected."],
    [{ Name: [] }, "Start of list found where not expected"],
    [{ Name: "a", Count: "5" }, "STRING_VALUE can not be converted to an Integer"],
    [{ Name: "a", Count: 1.5 }, "NUMBER_VALUE can not be converted to an Integer"],
    [{ Name: "a", Flag: "no" }, "STRING_VALUE can not be converted to a Boolean"],
    [{ Name: "a", Items: {} }, "Start of structure or map found where not expected."],
    [{ Name: "a", Items: [{ Key: 7 }] }, "NUMBER_VALUE can not be converted to a String"],
  ])("says of %j that the type is another", (request, message) => {
    expect(violationOf(shape, request)).toEqual({ name: "SerializationException", message });
  });

  it("every operation of Step Functions refuses to be asked without what it needs", () => {
    const needs = Object.entries(inputs).map(([target, { required }]) => [
      target.split(".")[1],
      required.join(),
    ]);
    expect(Object.fromEntries(needs)).toEqual({
      StartExecution: "stateMachineArn",
      StopExecution: "executionArn",
      RedriveExecution: "executionArn",
      DescribeExecution: "executionArn",
      ListExecutions: "",
      GetExecutionHistory: "executionArn",
      ListStateMachines: "",
      DescribeStateMachine: "stateMachineArn",
      DescribeStateMachineForExecution: "executionArn",
      ListTagsForResource: "resourceArn",
      SendTaskSuccess: "taskToken,output",
      SendTaskFailure: "taskToken",
      SendTaskHeartbeat: "taskToken",
      LookupEvents: "",
    });
  });
});
