import { openIdentities, PersonProblem } from "../../embedded/identity/identities.ts";
import { homeAt } from "../../embedded/runtime/home.ts";
import { Refusal } from "../../services/errors.ts";
import type { Io } from "../io.ts";

/** Gives somebody a log-in and keys on this machine; who has one keeps it, without a new password. */
export async function addLogIn(
  io: Io,
  wanted: { readonly name: string; readonly email: string },
): Promise<{ name: string; password?: string | undefined }> {
  const identities = await openIdentities(homeAt(io.env, io.cwd).folder);
  const known = (await identities.list()).find((person) => fold(person.name) === fold(wanted.name));
  if (known !== undefined) return { name: known.name };
  const { name, password } = await identities.add(wanted).catch(refuse);
  return { name, password };
}

/** Takes the log-in and the keys away; nothing happens when there are none. */
export async function removeLogIn(io: Io, name: string): Promise<void> {
  const identities = await openIdentities(homeAt(io.env, io.cwd).folder);
  const known = (await identities.list()).some((person) => fold(person.name) === fold(name));
  if (known) await identities.remove(name).catch(refuse);
}

function refuse(error: unknown): never {
  if (error instanceof PersonProblem) throw new Refusal("InvalidPerson", error.message);
  throw error;
}

const fold = (name: string): string => name.normalize("NFKC").trim().toLowerCase();
