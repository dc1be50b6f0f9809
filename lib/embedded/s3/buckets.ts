import { bucketNameOf, type Operation, xmlResponse } from "./exchange.ts";
import { document, element } from "./xml.ts";

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

/** GetBucketVersioning: every bucket keeps versions, as the one of a deployment does. */
export const getBucketVersioning: Operation = async (store, request) => {
  await store.bucket(bucketNameOf(request));
  return xmlResponse(document("VersioningConfiguration", element("Status", "Enabled")));
};
