import { randomBytes, randomInt } from "node:crypto";
import type { KeyPair } from "./signature.ts";

/** Somebody who may start runs, decide and sign requests. */
export interface Person extends KeyPair {
  readonly name: string;
  readonly email: string;
  /** `scrypt$N$r$p$salt$key`. */
  readonly passwordHash: string;
  /** Changes whenever their sign-ins are to end; missing until then. */
  readonly signIns?: string | undefined;
}

/** The function handlers' own credentials: signs requests, cannot log in. */
export interface ServiceIdentity extends KeyPair {
  readonly name: string;
}

/** The people file cannot be changed (or read) as asked; it was left as it is. */
export class PersonProblem extends Error {
  override readonly name = "PersonProblem";
}

const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 1024;
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._@'-]{0,62}[\p{L}\p{M}\p{N}.])?$/u;
const EMAIL = /^[^\s@<>(),;:\\"[\]\p{Cc}]+@[^\s@<>(),;:\\"[\]\p{Cc}]+$/u;
const KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Whether two spellings name one person: case and Unicode form do not make somebody else. */
export function sameName(one: string, other: string): boolean {
  return fold(one) === fold(other);
}

/** Checks and tidies what was typed. Errors: {@link PersonProblem}. */
export function parseNewPerson(
  wanted: { name: string; email: string; password?: string },
  reservedNames: readonly string[],
): { name: string; email: string; password: string | undefined } {
  const name = wanted.name.normalize("NFC").trim();
  const email = wanted.email.normalize("NFC").trim();
  if (!NAME.test(name)) {
    throw new PersonProblem(
      "A name has 1 to 64 letters, digits, spaces or . _ @ ' - and begins with a letter or digit. Nothing was changed.",
    );
  }
  const reserved = reservedNames.find((each) => sameName(name, each));
  if (reserved !== undefined) {
    throw new PersonProblem(
      `The name ${reserved} is kept for wavegate itself. Nothing was changed.`,
    );
  }
  if (email.length > 254 || !EMAIL.test(email)) {
    throw new PersonProblem("That is not an e-mail address. Nothing was changed.");
  }
  const { password } = wanted;
  if (password !== undefined) checkPassword(password);
  return { name, email, password };
}

/** Errors: {@link PersonProblem} for a password that is too short or too long. */
export function checkPassword(password: string): void {
  if (password.length >= SHORTEST_PASSWORD && password.length <= LONGEST_PASSWORD) return;
  throw new PersonProblem(
    `A password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters. Nothing was changed.`,
  );
}

/** A new access key in the shape AWS clients expect, with a prefix of our own. */
export function newKeyPair(): KeyPair {
  const id = Array.from({ length: 16 }, () => KEY_ALPHABET.charAt(randomInt(KEY_ALPHABET.length)));
  return {
    accessKeyId: `WAVE${id.join("")}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
}

function fold(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}
