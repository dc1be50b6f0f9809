import { SignatureV4 } from "@smithy/signature-v4";
import type { z } from "zod";
import { NodeSha256 } from "../embedded/identity/sha256.ts";
import type { DecisionRequest } from "../review/steer/keep-decision.ts";
import type { LookRequest } from "../review/steer/look.ts";
import { Refusal } from "../services/errors.ts";
import type { Machine } from "../services/services.ts";
import type { Aws } from "./aws.ts";
import { CannotRun, isOfTheClock } from "./failure.ts";
import { setting } from "./place.ts";

/** Milliseconds the answer may take: a sleeping database wakes in it. */
const patienceMs = 75_000;

/** A route, and what it does, as messages say it. */
type Asking =
  | { readonly path: "/executions"; readonly done: "started" }
  | { readonly path: "/decisions"; readonly done: "decided" }
  | { readonly path: "/looks"; readonly done: "looked at" };

/**
 * Asks the function that starts executions. Errors: `PermissionDenied` and what else it refuses; `StartFailed`.
 */
export async function askToStart(
  aws: Aws,
  request: {
    readonly machine: Machine;
    readonly about: string;
    readonly input: unknown;
    readonly once?: string;
  },
): Promise<string> {
  const asking = { path: "/executions", done: "started" } as const;
  const { executionArn } = await askSigned<{ executionArn: string }>(aws, asking, request);
  return executionArn;
}

/** What a terminal says about a mapping. */
export type Decided = Extract<
  z.input<typeof DecisionRequest>,
  { decide: "mappings" }
>["decisions"][number];

/** What every decision is answered with: ARNs of executions that ended by it. */
export interface Ended {
  readonly ended: readonly string[];
}

/**
 * Asks the function that keeps decisions about runs (W8). Errors: `PermissionDenied` and what else it refuses;
 * `DecisionFailed`.
 */
export const askToDecide = <Answer>(
  aws: Aws,
  request: z.input<typeof DecisionRequest>,
): Promise<Answer> => askSigned<Answer>(aws, { path: "/decisions", done: "decided" }, request);

/**
 * Asks the function that knows rows whole, and answers masked (M14). Errors: `PermissionDenied` and what else it
 * refuses; `LookFailed`.
 */
export const askToLook = <Answer>(
  aws: Aws,
  request: z.input<typeof LookRequest>,
): Promise<Answer> => askSigned<Answer>(aws, { path: "/looks", done: "looked at" }, request);

/**
 * Asks a function, signed with the credentials of whoever sits here: API Gateway's IAM authorizer tells
 * the function whose they are.
 */
async function askSigned<Answer>(
  { place, states }: Aws,
  { path, done }: Asking,
  request: unknown,
): Promise<Answer> {
  const url = new URL(path, setting(place, "WAVEGATE_SIGN_OFF_URL"));
  const body = JSON.stringify(request);
  const signer = new SignatureV4({
    credentials: () => states.config.credentials(),
    region: setting(place, "AWS_REGION"),
    service: "execute-api",
    sha256: NodeSha256,
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
    const why = error instanceof Error ? error.name : "error";
    throw unknown(done, `${url.origin} could not be asked (${why}).`);
  });
  const answer = (await response.json().catch(() => ({}))) as {
    error?: string;
    message?: string;
  };
  if (response.ok && answer.error === undefined) return answer as Answer;
  if (answer.error !== undefined || response.status < 500)
    throw new Refusal(
      answer.error ??
        (done === "started" ? "StartFailed" : done === "decided" ? "DecisionFailed" : "LookFailed"),
      answer.error && answer.message
        ? answer.message
        : response.status === 429
          ? `Nothing was ${done}: more is asked there than it takes at once (429). Ask again in a moment.`
          : isOfTheClock(answer.message ?? "")
            ? `This machine's clock is not the one of AWS, so its signature was not taken (${response.status}). Nothing was ${done}; set the clock, and ask again.`
            : `It was refused (${response.status}). Nothing was ${done}; check that your credentials may call the API of the sign-off pages.`,
    );
  // API Gateway's own words: the function was not there yet, or did not end in the time it has, whatever it did until then.
  throw unknown(done, `${url.origin} answered ${response.status}.`);
}

/** Nobody said what became of it. */
const unknown = (done: Asking["done"], says: string): CannotRun =>
  new CannotRun(
    done === "started" ? "StartFailed" : done === "decided" ? "DecisionFailed" : "LookFailed",
    `${says} It is not known whether it was ${done}; look with \`wavegate status\`, then ask again.`,
  );
