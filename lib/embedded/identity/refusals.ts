/** The names AWS gives to refusals of a signed request. */
type RefusalName =
  | "MissingAuthenticationToken"
  | "IncompleteSignature"
  | "UnrecognizedClientException"
  | "InvalidAccessKeyId"
  | "InvalidSignatureException"
  | "SignatureDoesNotMatch"
  | "RequestTimeTooSkewed"
  | "XAmzContentSHA256Mismatch"
  | "AccessDenied";

/**
 * A request whose sender could not be established. `name` is AWS's own, so that SDK clients behave
 * as they do there; S3 and the other services differ in some of them. `status` is the HTTP status.
 */
export class RequestRefused extends Error {
  override readonly name: RefusalName;
  readonly status: 400 | 403;

  constructor(name: RefusalName, message: string) {
    super(message);
    this.name = name;
    this.status =
      name === "IncompleteSignature" || name === "XAmzContentSHA256Mismatch" ? 400 : 403;
  }
}

/** The access key is not known. S3 has a name of its own for it. */
export function unknownAccessKey(service: string): RequestRefused {
  return new RequestRefused(
    service === "s3" ? "InvalidAccessKeyId" : "UnrecognizedClientException",
    "The access key of this request is not known here. Nothing was done; check the credentials.",
  );
}

/** The signature is not the one that the secret key gives for this very request. */
export function wrongSignature(service: string): RequestRefused {
  return new RequestRefused(
    service === "s3" ? "SignatureDoesNotMatch" : "InvalidSignatureException",
    "The signature does not match the request. Nothing was done; check the secret key and that nothing changes the request on its way.",
  );
}
