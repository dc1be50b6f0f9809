import { expect, it } from "vitest";
import type { Io } from "../../lib/cli/io.ts";
import { operatorName } from "../../lib/cli/local/place.ts";

const io = (USER?: string) => ({ env: { USER } }) as unknown as Io;
const nobody = (): string => {
  throw new Error("no such user");
};

it.each([
  ["samira", "samira"],
  ["wavegate", "operator"],
  ["Administrator", "operator"],
  ["ＷＡＶＥＧＡＴＥ", "operator"],
  ["wavegate-admin", "wavegate-admin"],
])("W8 whoever sits here as %s is called %s: two names are nobody's", (user, name) => {
  expect(operatorName(io(), () => user)).toBe(name);
  expect(operatorName(io(user), nobody)).toBe(name);
});

it("W8 a user without a name is the operator", () => {
  expect(operatorName(io(), nobody)).toBe("operator");
});
