import { randomUUID } from "node:crypto";
import { ServiceError } from "./errors.ts";
import type { Place } from "./names.ts";

/**
 * `GetCallerIdentity` of AWS STS, in its own protocol (a form, answered in XML): what everybody asks
 * first of an account. Other actions are refused.
 */
export function identityOf(
  { account }: Place,
  body: Buffer,
  caller: string,
): { status: number; body: string } {
  const action = new URLSearchParams(body.toString("utf8")).get("Action");
  if (action !== "GetCallerIdentity") {
    const message = `The embedded STS has no action '${action}'. It has GetCallerIdentity.`;
    throw new ServiceError("InvalidAction", message);
  }
  const name = escaped(caller);
  return {
    status: 200,
    body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::${account}:user/${name}</Arn><UserId>${name}</UserId><Account>${account}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  };
}

/** A refusal as the query protocol has it: a client that asked in a form reads nothing else. */
export const formError = (code: string, message: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<Error><Type>Sender</Type><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>
<RequestId>${randomUUID()}</RequestId></ErrorResponse>`;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
