/** A function that has a module in common with `sample.ts`, and tells what it sees of it. */
import { threadId } from "node:worker_threads";
import { counted } from "./sample.ts";

export async function handler(text: string, { functionName }: { functionName: string }) {
  console.log(text);
  const environment = process.env.AWS_LAMBDA_FUNCTION_NAME;
  return { functionName, environment, threadId, ofTheOther: counted() };
}
