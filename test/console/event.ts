import type { HttpEvent } from "../../lib/console/request.ts";

/** What the console gets as a person's browser asks for a page or sends a form, from a page of its own. */
export const event = (method: string, path: string, person: string, body?: string): HttpEvent => {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  return {
    rawPath,
    rawQueryString,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
    },
    requestContext: {
      http: { method },
      authorizer: { jwt: { claims: { "cognito:username": person } } },
    },
    ...(body === undefined ? {} : { body }),
  };
};
