import { describe, expect, it } from "vitest";
import { mayDecide, mayJudge } from "../../lib/review/people/may.ts";
import type { SignOff } from "../../lib/review/sign-off-store.ts";

/** A question that nobody answered yet. */
const open = {
  id: "7f3a0000-0000-4000-8000-00000000000a",
  gate: "first_wave",
  status: "pending",
  expired: false,
  expires_at: "2026-11-27T10:00:00.000Z",
  decided_by: null,
  decided_at: null,
  void_because: null,
  changes_asked: false,
} as SignOff;
const person = (...permissions: ("review" | "commit" | "view")[]) => ({
  name: "amina",
  email: "amina@example.com",
  permissions: permissions.map((each) => `legacy_imports.${each}` as const),
});
const everything = person("view", "review", "commit");

describe.each([
  ["judge", mayJudge, "review", "judges its samples"],
  ["decide", mayDecide, "commit", "decides about it"],
] as const)(
  "W8 M14 who may %s is offered it, and whoever may not is told why",
  (_, may, takes, does) => {
    it("where nothing is in the way", () => {
      expect(may(open, person(takes), "omar")).toEqual({ may: true });
    });

    it("without the permission", () => {
      const lacking = person("view", takes === "review" ? "commit" : "review");
      expect(may(open, lacking, "omar")).toMatchObject({
        may: false,
        name: "PermissionDenied",
        because: expect.stringContaining(`takes the permission legacy_imports.${takes}`),
      });
    });

    it("of one's own run", () => {
      expect(may(open, everything, "Amina@example.com")).toMatchObject({
        may: false,
        name: "ApproverIsStarter",
        because: `You started this run, so somebody else ${does}. Nothing was changed.`,
      });
    });

    it.each([
      [
        { status: "approved", decided_by: "karima", decided_at: "2026-11-20T10:00:00.000Z" },
        "AlreadyDecided",
        "karima",
      ],
      [
        { status: "rejected", decided_by: "karima", decided_at: "2026-11-20T10:00:00.000Z" },
        "AlreadyDecided",
        "karima",
      ],
      [{ status: "voided", void_because: "the run was rolled back" }, "LinkExpired", undefined],
      [{ status: "expired" }, "LinkExpired", undefined],
      [{ expired: true }, "LinkExpired", undefined],
    ] as const)("of one that is over: %j", (over, name, who) => {
      expect(may({ ...open, ...over } as SignOff, everything, "omar")).toMatchObject({
        may: false,
        name,
        ...(who === undefined ? {} : { who }),
      });
    });
  },
);
