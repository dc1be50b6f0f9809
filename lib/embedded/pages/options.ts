import type { SignedRequest } from "../identity/claim.ts";
import type { HttpApiEvent, HttpApiResponse, IamApiEvent, SignedIn } from "./event.ts";

/** What stands behind the pages. */
export interface PagesOptions {
  /** The person, if the password is theirs; a name nobody has takes as long. */
  readonly verifyPassword: (name: string, password: string) => Promise<SignedIn | undefined>;
  /**
   * How somebody stands, in one word that changes with their password and whenever their sign-ins are to
   * end; undefined for nobody. A session begun under another word is over. Without it none ends so.
   */
  readonly standingOf?: (name: string) => Promise<string | undefined>;
  /**
   * Gives somebody a new password while they stand as they did, and answers how they stand then. Errors: a
   * `PersonProblem` in one sentence.
   */
  readonly changePassword?: (
    name: string,
    password: string,
    standing: string | undefined,
  ) => Promise<string | undefined>;
  /** Told of each wrong password: the name if it is somebody's, and where it came from. */
  readonly onWrongPassword?: (about: { name: string | undefined; source: string }) => Promise<void>;
  /** Who signed a request with an access key (the IAM authorizer). Errors: a `RequestRefused`. */
  readonly signedBy?: (request: SignedRequest) => Promise<string>;
  /** Paths of routes without an authorizer: read by anybody, in nobody's name. */
  readonly open?: (path: string) => boolean;
  /** The handlers behind routes for people of the platform, whose tokens they look at themselves, by path: read only. */
  readonly served?: Readonly<Record<string, (event: HttpApiEvent) => Promise<HttpApiResponse>>>;
  /** The handlers behind the routes that take signed requests, by path. */
  readonly signed?: Readonly<Record<string, (event: IamApiEvent) => Promise<HttpApiResponse>>>;
  /** The handler behind the API. */
  readonly invoke: (event: HttpApiEvent) => Promise<HttpApiResponse>;
  /** 0: any free port. */
  readonly port: number;
  readonly now?: () => Date;
}
