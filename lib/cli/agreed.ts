import type { Frame } from "./command.ts";

/**
 * Whether who sits at the terminal agrees, once they have seen what it is about: nothing but a whole yes does. Undefined
 * where nobody sits there.
 */
export async function agreed(
  { io, say }: Pick<Frame, "io" | "say">,
  says: readonly string[],
  question: string,
): Promise<boolean | undefined> {
  const answer = await io.ask(`${says.join("\n")}\n\n${question} `);
  if (answer === undefined) return undefined;
  if (answer.trim() === "yes") return true;
  say("It was not answered with yes.");
  return false;
}
