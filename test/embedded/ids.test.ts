import { describe, expect, it } from "vitest";
import { newId } from "../../lib/embedded/s3/versions.ts";
import { TaskTokens } from "../../lib/embedded/states/tokens.ts";

describe("W2 what a command line is handed", () => {
  it("W2 ids of versions and uploads are never taken for options", () => {
    const ids = Array.from({ length: 5_000 }, newId);
    expect(ids.filter((id) => !/^[A-Za-z0-9._]{32}$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(5_000);
  });

  it("W2 nor are task tokens", () => {
    const tokens = new TaskTokens(Buffer.alloc(32, 7));
    const made = Array.from({ length: 5_000 }, (_, n) => tokens.tokenFor("arn:execution", `${n}`));
    expect(made.filter((token) => token.startsWith("-"))).toEqual([]);
  });
});
