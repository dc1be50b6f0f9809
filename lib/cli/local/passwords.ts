import { homeAt, secretsOf } from "../../embedded/runtime/home.ts";
import type { RolePasswords } from "../../stages/set-up-database.ts";
import type { Io } from "../io.ts";

/** The passwords of the database roles of this machine's runtime. */
export async function rolePasswords(io: Io): Promise<RolePasswords> {
  const { stagePassword, commitPassword, operatorPassword } = await secretsOf(
    homeAt(io.env, io.cwd),
  );
  return { stage: stagePassword, commit: commitPassword, operator: operatorPassword };
}
