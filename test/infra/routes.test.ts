import { describe, expect, it } from "vitest";
import { cookieSettings } from "../../lib/console/cookies.ts";
import { openRoutes, routesOf } from "../../lib/console/routes.ts";
import { deployment, ofType } from "./templates.ts";

/** Every address of the console, with the verbs that it answers. */
const addresses = [
  ...openRoutes.map(({ path }) => ({ path, verb: "GET" })),
  ...routesOf(cookieSettings("https://wavegate.example")),
].map(({ path, verb }) => ({ verb, path: path.replaceAll(/:\w+(?:\{[^}]*\})?/gu, "word") }));

const keys = ofType(deployment("default"), "AWS::ApiGatewayV2::Route").map(
  ([, { Properties }]) => Properties.RouteKey as string,
);

/** Whether API Gateway has a route: its paths are taken by the letter, but for what stands for the rest of them. */
const isRouted = (verb: string, path: string): boolean =>
  keys.some((key) => {
    const [method, route = ""] = key.split(" ");
    const before = route.replace(/\{proxy\+\}$/u, "");
    return method === verb && (route.endsWith("+}") ? path.startsWith(before) : path === route);
  });

describe("R5 the routes of the API", () => {
  it("end in no slash, which API Gateway refuses in the middle of a deployment", () => {
    expect(keys.filter((key) => /.\/$/u.test(key.split(" ")[1] ?? ""))).toEqual([]);
  });

  it("reach every page of the console, with a slash at the end as well, and the site's own address", () => {
    const unreached = addresses.flatMap(({ verb, path }) => [
      ...(isRouted(verb, path) ? [] : [`${verb} ${path}`]),
      ...(verb === "POST" || isRouted("HEAD", path) ? [] : [`HEAD ${path}`]),
      ...(verb === "POST" || path.startsWith("/healthz") || isRouted("GET", `${path}/`)
        ? []
        : [`GET ${path}/`]),
    ]);
    expect([unreached, isRouted("GET", "/")]).toEqual([[], true]);
  });

  it("let nothing else in: what is asked for by robots is 404 before any code runs", () => {
    for (const path of ["/wp-login.php", "/admin", "/.env", "/starting", "/robots.txt"])
      expect([path, isRouted("GET", path)]).toEqual([path, false]);
  });
});
