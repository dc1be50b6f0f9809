import { CognitoJwtVerifier } from "aws-jwt-verify";
import type { HttpEvent } from "../lib/console/request.ts";
import type { PageResponse } from "../lib/console/response.ts";
import { endSignIn } from "../lib/review/people/end-sign-in.ts";
import { sharedServices } from "../lib/services/create.ts";
import { frontDoor } from "../lib/sign-in/front-door.ts";
import { signInSettings } from "../lib/sign-in/settings.ts";
import { handler as pages } from "./console.ts";

let door: ((event: HttpEvent) => Promise<PageResponse>) | undefined;

/** The console behind an HTTP API, with the user pool's sign-in before them. */
export const handler = (event: HttpEvent): Promise<PageResponse> => {
  door ??= openDoor();
  return door(event);
};

function openDoor(): (event: HttpEvent) => Promise<PageResponse> {
  const settings = signInSettings(process.env);
  const verifier = CognitoJwtVerifier.create({
    userPoolId: settings.userPoolId,
    clientId: settings.clientId,
    tokenUse: "id",
  });
  return frontDoor({
    settings,
    verify: (token) => verifier.verify(token),
    pages,
    end: (signIn) => {
      const { sign, clock } = sharedServices();
      return endSignIn(sign, signIn, clock());
    },
  });
}
