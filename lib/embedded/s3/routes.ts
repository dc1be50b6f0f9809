import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from "./buckets.ts";
import { copyObject } from "./copy.ts";
import { uploadPartCopy } from "./copy-part.ts";
import { notImplemented, S3Error } from "./errors.ts";
import type { Operation, S3Request } from "./exchange.ts";
import { listObjects, listObjectsV2 } from "./listing.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
} from "./multipart.ts";
import {
  deleteObject,
  deleteObjects,
  getObject,
  getObjectTagging,
  headObject,
  putObject,
} from "./objects.ts";
import { listObjectVersions } from "./version-listing.ts";

/** An operation of S3 with what tells it apart, and the parameters it understands. */
interface Route {
  readonly name: string;
  readonly method: string;
  readonly on: "service" | "bucket" | "object";
  /** Query parameters that must be there; a value must then be equal. */
  readonly marks: Readonly<Record<string, string | true>>;
  readonly understands: readonly string[];
  readonly operation: Operation;
}

const OF_A_VERSION = [
  "versionId",
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding",
  "response-content-language",
  "response-content-type",
  "response-expires",
];
const LISTING = [
  "prefix",
  "delimiter",
  "max-keys",
  "continuation-token",
  "start-after",
  "encoding-type",
  "fetch-owner",
];

/** What the uploads are when their bytes are named instead of sent. */
const COPIES: Readonly<Record<string, Pick<Route, "name" | "operation">>> = {
  PutObject: { name: "CopyObject", operation: copyObject },
  UploadPart: { name: "UploadPartCopy", operation: uploadPartCopy },
};

/** The most specific first: the first whose marks are all there is taken. */
const ROUTES: readonly Route[] = [
  route("ListBuckets", "GET", "service", {}, listBuckets),
  route("GetBucketLocation", "GET", "bucket", { location: true }, getBucketLocation),
  route("GetBucketVersioning", "GET", "bucket", { versioning: true }, getBucketVersioning),
  route("ListObjectVersions", "GET", "bucket", { versions: true }, listObjectVersions, [
    "prefix",
    "delimiter",
    "max-keys",
    "key-marker",
    "version-id-marker",
    "encoding-type",
  ]),
  route("ListObjectsV2", "GET", "bucket", { "list-type": "2" }, listObjectsV2, LISTING),
  route("ListObjects", "GET", "bucket", {}, listObjects, [
    "prefix",
    "delimiter",
    "max-keys",
    "marker",
    "encoding-type",
  ]),
  route("DeleteObjects", "POST", "bucket", { delete: true }, deleteObjects),
  route("HeadBucket", "HEAD", "bucket", {}, headBucket),
  route("PutBucketVersioning", "PUT", "bucket", { versioning: true }, putBucketVersioning),
  route("CreateBucket", "PUT", "bucket", {}, createBucket),
  route("DeleteBucket", "DELETE", "bucket", {}, deleteBucket),
  route("UploadPart", "PUT", "object", { uploadId: true, partNumber: true }, uploadPart),
  route("CreateMultipartUpload", "POST", "object", { uploads: true }, createMultipartUpload),
  route("CompleteMultipartUpload", "POST", "object", { uploadId: true }, completeMultipartUpload),
  route("AbortMultipartUpload", "DELETE", "object", { uploadId: true }, abortMultipartUpload),
  route("ListParts", "GET", "object", { uploadId: true }, listParts, [
    "part-number-marker",
    "max-parts",
  ]),
  route("GetObjectTagging", "GET", "object", { tagging: true }, getObjectTagging, ["versionId"]),
  route("PutObject", "PUT", "object", {}, putObject),
  route("GetObject", "GET", "object", {}, getObject, OF_A_VERSION),
  route("HeadObject", "HEAD", "object", {}, headObject, OF_A_VERSION),
  route("DeleteObject", "DELETE", "object", {}, deleteObject, ["versionId"]),
];

/** All operations that are known, by name, with the parameters of the query that each understands. */
export const knownOperations: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ROUTES.flatMap(({ name, marks, understands }) => {
    const query = [...Object.keys(marks), ...understands];
    return [[name, query], ...(name in COPIES ? [[COPIES[name]?.name, query]] : [])];
  }),
);

/**
 * Finds the operation a request asks for. What is not among them, or is asked for with a parameter
 * that is not understood, is refused and not half done. Errors: `NotImplemented`, `MethodNotAllowed`.
 */
export function findOperation(request: S3Request): Pick<Route, "name" | "operation"> {
  const { method, query } = request;
  if (!["GET", "HEAD", "PUT", "POST", "DELETE"].includes(method)) {
    throw new S3Error("MethodNotAllowed", "The specified method is not allowed.");
  }
  const copies = method === "PUT" && request.headers["x-amz-copy-source"] !== undefined;
  const on =
    request.bucket === undefined ? "service" : request.key === undefined ? "bucket" : "object";
  const found = ROUTES.find(
    (one) => one.method === method && one.on === on && hasMarks(query, one.marks),
  );
  if (found === undefined) throw notImplemented(`${method} on a ${on}${listed(query)}`);
  for (const name of query.keys()) {
    const isUnderstood =
      name in found.marks || found.understands.includes(name) || /^x-(?:id$|amz-)/i.test(name);
    if (!isUnderstood) throw notImplemented(`The parameter ${name} of ${found.name}`);
  }
  return copies ? (COPIES[found.name] ?? found) : found;
}

function route(
  name: string,
  method: string,
  on: Route["on"],
  marks: Route["marks"],
  operation: Operation,
  understands: readonly string[] = [],
): Route {
  return { name, method, on, marks, understands, operation };
}

function hasMarks(query: ReadonlyMap<string, string>, marks: Route["marks"]): boolean {
  return Object.entries(marks).every(([name, value]) =>
    value === true ? query.has(name) : query.get(name) === value,
  );
}

function listed(query: ReadonlyMap<string, string>): string {
  const names = [...query.keys()].filter((name) => !/^x-/i.test(name));
  return names.length === 0 ? "" : ` with ${names.join(", ")}`;
}
