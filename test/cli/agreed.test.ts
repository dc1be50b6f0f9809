import { expect, it } from "vitest";
import { agreed } from "../../lib/cli/agreed.ts";
import type { Io } from "../../lib/cli/io.ts";

/** What is asked and said where somebody, or nobody, answers. */
async function asks(answer: string | undefined) {
  const said: string[] = [];
  const io = {
    ask: async (question: string) => {
      said.push(question);
      return answer;
    },
  } as unknown as Io;
  const may = await agreed({ io, say: (line) => said.push(line) }, ["3 rows."], "Type yes:");
  return { may, said };
}

it("W13 what cannot be undone is done after a whole yes alone, and who leaves without an answer is not nobody", async () => {
  const question = "3 rows.\n\nType yes: ";
  expect(await asks("yes")).toEqual({ may: true, said: [question] });
  expect(await asks(undefined)).toEqual({ may: undefined, said: [question] });
  for (const each of ["", "y", "no", "YES!"])
    expect(await asks(each)).toEqual({
      may: false,
      said: [question, "It was not answered with yes."],
    });
});
