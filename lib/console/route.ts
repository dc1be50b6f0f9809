import type { Permission, Person } from "../review/people/people.ts";
import type { SignOffRef } from "../review/sign-off-store.ts";
import type { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import type { Language } from "../speech/language.ts";
import type { Speech } from "../speech/speech.ts";
import type { PageRequest } from "./request.ts";
import type { PageResponse } from "./response.ts";
import type { Sent } from "./sent.ts";
import type { Texts } from "./texts/texts.ts";

/** A request that was let in: who asks, for what, and what answers it. */
export interface Visit extends Speech {
  readonly services: Services;
  readonly request: PageRequest;
  /** Of the address: `/runs/:run` gives `run`. */
  readonly params: Readonly<Record<string, string>>;
  readonly person: Person;
  readonly language: Language;
  readonly texts: Texts;
  /** The token for a form about this, for this person. */
  readonly tokenFor: (about: string) => string;
  /** A form of this page that was refused, to be shown again. */
  readonly sent?: Sent | undefined;
}

/** What is common to every address of the console. */
interface Address {
  /** In Hono's notation. */
  readonly path: string;
  /** Any one of them opens it (M14). */
  readonly takes: readonly [Permission, ...Permission[]];
  readonly answer: (visit: Visit) => Promise<PageResponse>;
  /** Where to go back to from a refusal; else the address itself. */
  readonly back?: (params: Visit["params"]) => string;
}

/** An address that is read; nothing changes by it. */
interface ReadRoute extends Address {
  readonly verb: "GET";
}

/** An address that something is sent to. */
export interface SendRoute extends Address {
  readonly verb: "POST";
  /** What its form was made for: a token for anything else is worth nothing here. */
  readonly about: (visit: Pick<Visit, "request" | "params">) => string;
  /** What it asks for, as the security log tells of it when it is refused (W12). */
  readonly asks: (visit: Pick<Visit, "request" | "params">) => Asked;
  /** The field that a refusal is about: its form is shown again there, with all that was written. */
  readonly wrongIn?: (refusal: Refusal, request: PageRequest) => string | undefined;
  /** Address of the page that has the form, as its person saw it; else where one goes back to from a refusal. */
  readonly again?: (visit: Pick<Visit, "request" | "params">) => string;
}

/** What was asked for, and about which sign-off or run. */
export interface Asked {
  readonly what: string;
  readonly signOff?: SignOffRef;
  /** Id or reference. */
  readonly run?: string;
}

export type Route = ReadRoute | SendRoute;

/** What anybody may read without a sign-in: nothing of a run, of a person, or of the database. */
export interface OpenRoute {
  readonly path: string;
  readonly answer: () => PageResponse;
}
