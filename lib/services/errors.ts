/** Where refusals are made is below, as the rows of a run are refused there too. */
export { Refusal } from "../data/refusal.ts";
