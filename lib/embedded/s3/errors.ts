/** HTTP status for each of the S3 error codes that this service answers with. */
const STATUS = {
  AccessDenied: 403,
  BadDigest: 400,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  /** Not one of Amazon's, whose disks are never full. */
  DiskFull: 507,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedXML: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NotImplemented: 501,
  NotModified: 304,
  PreconditionFailed: 412,
  XAmzContentSHA256Mismatch: 400,
} as const;

/** The codes of Amazon S3 that can be met here. */
type S3ErrorCode = keyof typeof STATUS;

/** An S3 error on its way to the client: `code` and `status` are Amazon's. */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly code: S3ErrorCode;
  readonly status: number;
  /** Further elements of the XML answer, and headers such as `content-range`. */
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: S3ErrorCode,
    message: string,
    more: { details?: Record<string, string>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = STATUS[code];
    this.details = more.details ?? {};
    this.headers = more.headers ?? {};
  }
}

/** A delete marker, as far as an answer tells of it. */
interface Marker {
  readonly version: string;
  readonly modified: string;
}

/** The answer for a key that is not there, or that a delete marker lies on. */
export function noSuchKey(marker?: Marker): S3Error {
  const headers = marker && { "x-amz-delete-marker": "true", "x-amz-version-id": marker.version };
  return new S3Error("NoSuchKey", "The specified key does not exist.", headers && { headers });
}

/** The answer for a version that is not there. */
export function noSuchVersion(key: string, version: string): S3Error {
  return new S3Error("NoSuchVersion", "The specified version does not exist.", {
    details: { Key: key, VersionId: version },
  });
}

/** The answer to reading a delete marker by its id: all it takes is to be deleted. */
export function thatIsAMarker({ version, modified }: Marker): S3Error {
  return new S3Error(
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    {
      details: { ResourceType: "DeleteMarker" },
      headers: {
        allow: "DELETE",
        "x-amz-delete-marker": "true",
        "x-amz-version-id": version,
        "last-modified": new Date(modified).toUTCString(),
      },
    },
  );
}

/** A condition that the request set does not hold. */
export function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    { details: { Condition: condition } },
  );
}

/** The answer to something Amazon S3 can do and this service cannot. */
export function notImplemented(what: string): S3Error {
  return new S3Error(
    "NotImplemented",
    `${what} is not implemented by the embedded object store. Nothing was done.`,
  );
}
