/**
 * Whether an identity that AWS vouches for is this person. CloudTrail names an IAM user or a role
 * session by ARN, whose last part is the user's name or, with single sign-on, the e-mail address.
 */
export function isSamePerson(
  identity: string,
  person: { readonly name: string; readonly email?: string },
): boolean {
  const own = [person.name, person.email ?? ""].flatMap(spellings);
  return spellings(identity).some((spelling) => own.includes(spelling));
}

/**
 * Whether an identity is, or ever was, this person: under an earlier name or address, or by a second account at one
 * address. It decides who is nobody else, never what somebody may do.
 */
export const wasEver = (
  identity: string,
  person: { readonly name: string; readonly email?: string; readonly known?: readonly string[] },
): boolean =>
  isSamePerson(identity, person) ||
  spellings(identity).some((spelling) => person.known?.includes(spelling));

/** Equal for every way of typing one name. */
export const foldPerson = (name: string): string => name.normalize("NFKC").trim().toLowerCase();

function spellings(identity: string): string[] {
  const whole = foldPerson(identity);
  const last = whole.startsWith("arn:") ? whole.slice(whole.lastIndexOf("/") + 1) : whole;
  return [whole, last].filter((spelling) => spelling !== "");
}
