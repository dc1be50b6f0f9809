import { openIdentities, PersonProblem } from "../../embedded/identity/identities.ts";
import { homeAt } from "../../embedded/runtime/home.ts";
import { Refusal } from "../../services/errors.ts";
import type { Io } from "../io.ts";

/**
 * Gives somebody a log-in and keys on this machine; who has one keeps it, without a new password, but
 * signs in again: what they may do is about to change.
 */
export async function addLogIn(
  io: Io,
  wanted: { readonly name: string; readonly email: string },
): Promise<{ name: string; password?: string | undefined }> {
  const identities = await openIdentities(homeAt(io.env, io.cwd).folder);
  const known = (await identities.list()).find((person) => fold(person.name) === fold(wanted.name));
  if (known !== undefined) {
    await identities.endSignIns(known.name);
    return { name: known.name };
  }
  const { name, password } = await identities.add(wanted).catch(refuse);
  return { name, password };
}

/** Gives somebody a new password, which ends their sign-ins. Errors: `InvalidPerson` for nobody. */
export async function newPassword(
  io: Io,
  name: string,
): Promise<{ name: string; password: string }> {
  const identities = await openIdentities(homeAt(io.env, io.cwd).folder);
  const known = (await identities.list()).find((person) => fold(person.name) === fold(name));
  const password = await identities.changePassword(known?.name ?? name).catch(refuse);
  return { name: known?.name ?? name, password: password ?? "" };
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
