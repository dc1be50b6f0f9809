import { CognitoJwtVerifier } from "aws-jwt-verify";
import type { HttpEvent } from "../lib/console/request.ts";
import { type DoorResponse, frontDoor } from "../lib/sign-in/front-door.ts";
import { signInSettings } from "../lib/sign-in/settings.ts";
import { handler as pages } from "./sign-off-pages.ts";

let door: ((event: HttpEvent) => Promise<DoorResponse>) | undefined;

/** The sign-off pages behind an HTTP API, with the user pool's sign-in before them. */
export const handler = (event: HttpEvent): Promise<DoorResponse> => {
  door ??= openDoor();
  return door(event);
};

function openDoor(): (event: HttpEvent) => Promise<DoorResponse> {
  const settings = signInSettings(process.env);
  const verifier = CognitoJwtVerifier.create({
    userPoolId: settings.userPoolId,
    clientId: settings.clientId,
    tokenUse: "id",
  });
  return frontDoor({ settings, verify: (token) => verifier.verify(token), pages });
}
