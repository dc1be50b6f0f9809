import { receiveText } from "./body.ts";
import { notImplemented } from "./errors.ts";
import { bucketNameOf, type Operation, xmlResponse } from "./exchange.ts";
import { document, element, parseXml, textOf } from "./xml.ts";

const LARGEST_CONFIGURATION = 16 * 1024;

/** ListBuckets. */
export const listBuckets: Operation = async (store) => {
  const buckets = [];
  for (const name of await store.names()) {
    const created = (await store.createdAt(name)).toISOString();
    buckets.push(element("Bucket", [element("Name", name), element("CreationDate", created)]));
  }
  const owner = element("Owner", [element("ID", "wavegate"), element("DisplayName", "wavegate")]);
  return xmlResponse(document("ListAllMyBucketsResult", owner, element("Buckets", buckets)));
};

/** CreateBucket; the wished region does not matter here. */
export const createBucket: Operation = async (store, request) => {
  for await (const _ of request.body) {
    // The location constraint is read and let go.
  }
  const name = bucketNameOf(request);
  await store.create(name);
  return { status: 200, headers: { location: `/${name}` } };
};

/** HeadBucket. */
export const headBucket: Operation = async (store, request) => {
  await store.bucket(bucketNameOf(request));
  return { status: 200, headers: { "x-amz-bucket-region": "us-east-1" } };
};

/** GetBucketLocation: an empty constraint is us-east-1. */
export const getBucketLocation: Operation = async (store, request) => {
  await store.bucket(bucketNameOf(request));
  return xmlResponse(document("LocationConstraint"));
};

/** DeleteBucket: of one without any version. */
export const deleteBucket: Operation = async (store, request) => {
  await store.remove(bucketNameOf(request));
  return { status: 204 };
};

/** PutBucketVersioning: to keep versions is all that can be asked. Errors: `NotImplemented`. */
export const putBucketVersioning: Operation = async (store, request) => {
  await store.bucket(bucketNameOf(request));
  const body = parseXml(await receiveText(request.body, request.headers, LARGEST_CONFIGURATION));
  if (textOf(body, "Status") !== "Enabled") throw notImplemented("A bucket without versions");
  return { status: 200 };
};

/** GetBucketVersioning: every bucket keeps versions, as the one of a deployment does. */
export const getBucketVersioning: Operation = async (store, request) => {
  await store.bucket(bucketNameOf(request));
  return xmlResponse(document("VersioningConfiguration", element("Status", "Enabled")));
};
