import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 32 MiB and some 80 ms for each try: dear for a guesser, unnoticed by a person. */
const COST = { N: 32_768, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Longer input would only buy work for the server. */
const LONGEST_PASSWORD = 1024;
/** Letters and digits that are not mistaken for each other when read aloud or copied by hand. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";

/** A password of 20 characters in four groups (98 bits): `k7m2p-…`. */
export function generatePassword(): string {
  const group = () =>
    Array.from({ length: 5 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join("");
  return Array.from({ length: 4 }, group).join("-");
}

/** Hashes a password with scrypt and a salt of its own: `scrypt$N$r$p$salt$key` (base64). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(normalised(password), salt, KEY_BYTES, options(COST));
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), key.toString("base64")].join(
    "$",
  );
}

/**
 * Compares in constant time. Without a hash (an unknown name) the same work is done on a dummy, so
 * that the time tells nobody which names exist.
 */
export async function passwordMatches(
  password: string,
  storedHash: string | undefined,
): Promise<boolean> {
  const tooLong = password.length > LONGEST_PASSWORD;
  const known = parseHash(storedHash);
  const { cost, salt, key } = known ?? DUMMY;
  const candidate = await derive(
    normalised(tooLong ? "" : password),
    salt,
    key.length,
    options(cost),
  );
  const equal = timingSafeEqual(candidate, key);
  return equal && known !== undefined && !tooLong;
}

interface ParsedHash {
  readonly cost: { readonly N: number; readonly r: number; readonly p: number };
  readonly salt: Buffer;
  readonly key: Buffer;
}

const DUMMY: ParsedHash = {
  cost: COST,
  salt: randomBytes(SALT_BYTES),
  key: randomBytes(KEY_BYTES),
};

function parseHash(stored: string | undefined): ParsedHash | undefined {
  const match = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([^$]+)\$([^$]+)$/.exec(stored ?? "");
  if (match === null) return undefined;
  const [, N, r, p, salt = "", key = ""] = match;
  const keyBytes = Buffer.from(key, "base64");
  if (keyBytes.length === 0) return undefined;
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    key: keyBytes,
  };
}

/** The same password typed on two keyboards may differ in Unicode form only. */
function normalised(password: string): string {
  return password.normalize("NFKC");
}

function options(cost: ParsedHash["cost"]): ScryptOptions {
  return { ...cost, maxmem: 256 * cost.N * cost.r };
}
