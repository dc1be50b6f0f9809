import type { Migration } from "../lib/define/definition.ts";
import { ecoin } from "./ecoin/definition.ts";

/** Every migration, by the name operators use. A new one is a folder beside this file and a line here. */
export const migrations: Readonly<Record<string, Migration>> = { ecoin };
