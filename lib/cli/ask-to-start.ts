import { SignatureV4 } from "@smithy/signature-v4";
import { Refusal } from "../services/errors.ts";
import type { Machine } from "../services/services.ts";
import type { Aws } from "./aws.ts";
import { CannotRun } from "./failure.ts";
import { setting } from "./place.ts";
import { RequestSha256 } from "./request-sha256.ts";

/** Milliseconds the answer may take: a sleeping database wakes in it. */
const patienceMs = 75_000;

/**
 * Asks the function that starts executions, signed with the credentials of whoever sits here: API
 * Gateway's IAM authorizer tells the function whose they are. Errors: `PermissionDenied` and what else it
 * refuses; `StartFailed`.
 */
export async function askToStart(
  { place, states }: Aws,
  request: { readonly machine: Machine; readonly about: string; readonly input: unknown },
): Promise<string> {
  const url = new URL("/executions", setting(place, "WAVEGATE_SIGN_OFF_URL"));
  const body = JSON.stringify(request);
  const signer = new SignatureV4({
    credentials: () => states.config.credentials(),
    region: setting(place, "AWS_REGION"),
    service: "execute-api",
    sha256: RequestSha256,
  });
  const signed = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, "content-type": "application/json", accept: "application/json" },
    body,
  });
  const { host: _host, ...headers } = signed.headers;
  const response = await fetch(url, {
    method: "POST",
    headers,
    body,
    redirect: "error",
    signal: AbortSignal.timeout(patienceMs),
  }).catch((error) => {
    throw new CannotRun(
      "StartFailed",
      `${url.origin} could not be asked to start it (${error instanceof Error ? error.name : "error"}). It is not known whether it was started; look with \`wavegate status\`.`,
    );
  });
  const answer = (await response.json().catch(() => ({}))) as {
    executionArn?: string;
    error?: string;
    message?: string;
  };
  if (response.ok && answer.executionArn) return answer.executionArn;
  throw new Refusal(
    answer.error ?? "StartFailed",
    answer.error && answer.message
      ? answer.message
      : `Starting was refused (${response.status}). Nothing was started; check that your credentials may call the API of the sign-off pages.`,
  );
}
