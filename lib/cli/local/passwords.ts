import { homeAt, secretsOf } from "../../embedded/runtime/home.ts";
import type { RolePasswords } from "../../stages/set-up-database.ts";
import type { Io } from "../io.ts";

/** The passwords of the two database roles of this machine's runtime. */
export async function rolePasswords(io: Io): Promise<RolePasswords> {
  const { stagePassword, commitPassword } = await secretsOf(homeAt(io.env, io.cwd));
  return { stage: stagePassword, commit: commitPassword };
}

/** The key that seals task tokens in this machine's database. */
export const tokenKeyHere = async (io: Io): Promise<string> =>
  (await secretsOf(homeAt(io.env, io.cwd))).tokenKey;
