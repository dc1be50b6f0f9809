import type { Database } from "../../data/database.ts";
import { isServed } from "../../define/feature.ts";
import type { WholeMigration } from "../../define/several.ts";
import { homeAt } from "../../embedded/runtime/home.ts";
import { keepRoleSecrets } from "../../embedded/runtime/role-secrets.ts";
import { type RolePasswords, rolesOf } from "../../stages/set-up-database.ts";
import type { Io } from "../io.ts";

/** The passwords of the database roles that migrations take, kept in this machine's secrets. */
export async function rolePasswords(
  io: Io,
  db: Database,
  migrations: readonly WholeMigration[],
): Promise<RolePasswords> {
  const roles = await rolesOf(db);
  const names = migrations.map(({ name }) => name);
  const served = migrations.some(isServed);
  const { stage, sign, operator, serve, ...commits } = await keepRoleSecrets(
    homeAt(io.env, io.cwd),
    {
      stage: roles.stage,
      sign: roles.sign,
      operator: roles.operator,
      ...(served ? { serve: roles.serve } : {}),
      ...Object.fromEntries(names.map((name) => [`commit-${name}`, roles.commit(name)])),
    },
  );
  return {
    stage: stage?.password ?? "",
    sign: sign?.password ?? "",
    operator: operator?.password ?? "",
    ...(serve === undefined ? {} : { serve: serve.password }),
    commit: Object.fromEntries(
      names.map((name) => [name, commits[`commit-${name}`]?.password ?? ""]),
    ),
  };
}
