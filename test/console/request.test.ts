import { describe, expect, it } from "vitest";
import { type HttpEvent, readRequest } from "../../lib/console/request.ts";
import { verdictsOf } from "../../lib/console/sign-off/verdicts.ts";
import { formGuard } from "../../lib/console/trust.ts";

const guard = formGuard(Buffer.alloc(32, 7), "https://wavegate.example");
const signOff = "7f3a0000-0000-4000-8000-0000000000aa";

function post(
  body: string,
  headers: Record<string, string>,
  extra: Partial<HttpEvent> = {},
): HttpEvent {
  return {
    rawPath: "/",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    requestContext: {
      http: { method: "POST" },
      authorizer: { jwt: { claims: { "cognito:username": "amina" } } },
    },
    body,
    ...extra,
  };
}

const accepted = (event: HttpEvent, person = "amina") => {
  try {
    guard.require(readRequest(event), person, signOff);
    return "accepted";
  } catch (error) {
    return (error as Error).name;
  }
};

describe("a form is trusted", () => {
  const csrf = `csrf=${guard.tokenFor("amina", signOff)}`;
  const own = { "sec-fetch-site": "same-origin", origin: "null" };

  it.each([
    ["from the page itself", csrf, own, "accepted"],
    ["with the page's origin", csrf, { origin: "https://wavegate.example" }, "accepted"],
    ["without a token", "", own, "FormNotTrusted"],
    ["with a token that is nearly right", `${csrf}x`, own, "FormNotTrusted"],
    [
      "with another person's token",
      `csrf=${guard.tokenFor("brahim", signOff)}`,
      own,
      "FormNotTrusted",
    ],
    [
      "with another sign-off's token",
      `csrf=${guard.tokenFor("amina", "other")}`,
      own,
      "FormNotTrusted",
    ],
    ["from another site", csrf, { ...own, "sec-fetch-site": "cross-site" }, "FormNotTrusted"],
    ["from a sibling site", csrf, { ...own, "sec-fetch-site": "same-site" }, "FormNotTrusted"],
    ["from another origin", csrf, { origin: "https://evil.example" }, "FormNotTrusted"],
    ["from a hidden origin", csrf, { origin: "null" }, "FormNotTrusted"],
    ["from nowhere", csrf, {}, "FormNotTrusted"],
  ])("W8 %s: %j", (_what, body, headers, outcome) => {
    expect(accepted(post(body, headers as Record<string, string>))).toBe(outcome);
  });

  it("W8 two names that only look alike have tokens of their own", () => {
    expect(guard.tokenFor("a", "bc")).not.toBe(guard.tokenFor("ab", "c"));
  });

  it("W8 a terminal needs no token, but its own header and no cookies", () => {
    const terminal = { "x-wavegate-client": "cli" };
    expect(accepted(post("", terminal))).toBe("accepted");
    expect(accepted(post("", terminal, { cookies: ["session=1"] }))).toBe("FormNotTrusted");
    expect(accepted(post("", { ...terminal, cookie: "session=1" }))).toBe("FormNotTrusted");
    expect(accepted(post("", { ...terminal, origin: "https://evil.example" }))).toBe(
      "FormNotTrusted",
    );
    expect(accepted(post("", { ...terminal, "sec-fetch-site": "cross-site" }))).toBe(
      "FormNotTrusted",
    );
  });
});

describe("a request", () => {
  it("W8 is by the user name of the token, never by a name people may change themselves", () => {
    const by = (claims: Record<string, unknown>) =>
      readRequest({
        ...post("", {}),
        requestContext: { http: { method: "GET" }, authorizer: { jwt: { claims } } },
      }).person;
    expect(by({ "cognito:username": "amina", name: "karim" })).toBe("amina");
    expect(by({ username: "amina" })).toBe("amina");
    expect(by({ name: "amina", email: "amina@example.com" })).toBe(undefined);
    expect(by({ "cognito:username": "" })).toBe(undefined);
    expect(by({ "cognito:username": ["amina"] })).toBe(undefined);
  });

  it("W8 tells which sign-in it is of, and since when, only where the platform says so", () => {
    const of = (claims: Record<string, unknown>) => {
      const { signedIn, signIn } = readRequest({
        ...post("", {}),
        requestContext: { http: { method: "GET" }, authorizer: { jwt: { claims } } },
      });
      return { signedIn, signIn };
    };
    expect(of({ iat: "1800000000", origin_jti: "of all", jti: "of this" })).toEqual({
      signedIn: 1_800_000_000,
      signIn: "of all",
    });
    expect(of({ iat: 1_800_000_000, jti: "of this" })).toMatchObject({ signIn: "of this" });
    for (const claims of [{}, { iat: "soon", jti: "" }, { iat: Number.NaN, jti: ["x"] }])
      expect(of(claims)).toEqual({ signedIn: undefined, signIn: undefined });
  });

  it.each([
    ["too large", post("x".repeat(300_000), {})],
    ["of another type", post("<x/>", { "content-type": "text/xml" })],
    // Which another site's page may send without being asked.
    [
      "of a type that names JSON behind it",
      post("{}", { "content-type": "text/plain; application/json" }),
    ],
    [
      "of a type that names a form behind it",
      post("a=1", { "content-type": "text/plain; application/x-www-form-urlencoded" }),
    ],
    ["JSON of nothing", post("null", { "content-type": "application/json" })],
    ["no JSON", post("{", { "content-type": "application/json" })],
    ["a JSON list", post("[]", { "content-type": "application/json" })],
    [
      "JSON in a hundred thousand lists",
      post(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, {
        "content-type": "application/json",
      }),
    ],
    ["a form with a character that no database keeps", post("comment=a&comment=b%00", {})],
    [
      "JSON with half of one",
      post('{"comment":"a\\ud83d"}', { "content-type": "application/json" }),
    ],
    ["JSON with one", post('{"comment":"a\\u0000"}', { "content-type": "application/json" })],
  ])("W13 whose body is %s is refused by name", (_what, event) => {
    expect(() => readRequest(event)).toThrowError(
      expect.objectContaining({ name: "UnreadableBody" }),
    );
  });
});

describe("verdicts", () => {
  const of = (body: string, type = "application/x-www-form-urlencoded") =>
    verdictsOf(readRequest(post(body, { "content-type": type })));

  it("R9 come from a form, row by row; rows without a choice are left alone", () => {
    expect(
      of(
        "csrf=x&verdict-7=right&wrong-7=name&verdict-8=wrong&wrong-8=name&wrong-8=phone&wrong-9=email",
      ),
    ).toEqual([
      { stagedId: 7, wrong: [] },
      { stagedId: 8, wrong: ["name", "phone"] },
    ]);
  });

  it("R9 come from the terminal as a list", () => {
    const sent = {
      verdicts: [
        { row: 7, verdict: "right" },
        { row: 8, verdict: "wrong", wrong: ["action"] },
      ],
    };
    expect(of(JSON.stringify(sent), "application/json")).toEqual([
      { stagedId: 7, wrong: [] },
      { stagedId: 8, wrong: ["action"] },
    ]);
  });

  it.each([
    "verdict-7=wrong",
    "verdict-7=wrong&wrong-7=shoe",
    "verdict-7=maybe",
    "verdict-x=right",
    "verdict--1=right",
    "verdicts=7",
  ])("R9 that say nothing clear are refused: %s", (body) => {
    expect(() => of(body)).toThrowError(expect.objectContaining({ name: "VerdictUnclear" }));
  });
});
