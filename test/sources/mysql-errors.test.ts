import { describe, expect, it } from "vitest";
import { translate } from "../../lib/sources/mysql/errors.ts";

/** An error as the driver makes it of what a server answers; it names some of MariaDB's by MySQL's. */
const answer = (errno: number, code?: string, fatal?: boolean) =>
  Object.assign(new Error("User 'x'@'10.0.0.1' …"), { errno, code, fatal, sqlState: "HY000" });

const at = "mysql old at db:3306";

describe("W13 what a server answers, by its number", () => {
  it.each([
    [3118, "SourceAccessDenied", "the account is locked"],
    [4151, "SourceAccessDenied", "the account is locked"],
    [3955, "SourceAccessDenied", "the account is locked after too many wrong passwords"],
    [1044, "SourceAccessDenied", "no privilege on the database"],
    [1045, "SourceAccessDenied", "wrong user or password"],
    [1698, "SourceAccessDenied", "wrong user or password"],
    [1129, "SourceAccessDenied", "this host is blocked after too many connections that broke"],
    [1130, "SourceAccessDenied", "this host may not connect"],
    [1820, "SourceAccessDenied", "the password has expired"],
    [1862, "SourceAccessDenied", "the password has expired"],
    [3159, "SourceAccessDenied", "the server takes connections over TLS only"],
    [1251, "SourceAccessDenied", "the server's way to sign in is not supported"],
    [1040, "SourceLimitReached", "too many connections"],
    [1203, "SourceLimitReached", "too many connections of this user"],
    [1226, "SourceLimitReached", "a limit of this user is reached"],
    [1969, "SourceLimitReached", "a statement took longer than the user may take"],
    [3024, "SourceLimitReached", "a statement took longer than the user may take"],
    [1317, "SourceLimitReached", "somebody ended the statement"],
    [1205, "SourceLimitReached", "somebody else holds a lock for too long"],
    [3032, "SourceLimitReached", "the server is in offline mode"],
    [1053, "SourceLimitReached", "the server shuts down"],
    [1927, "SourceLimitReached", "the server ended the connection"],
    [1049, "SourceSchemaMismatch", "there is no such database"],
    [1115, "SourceSettingsInvalid", "the character set or collation"],
  ])("%d while connecting is %s", (errno, name, why) => {
    // Without a name, and with one that is another error's: the number decides.
    for (const code of [undefined, "ER_BULK_PARSER_INCOMPLETE_ESCAPE_SEQUENCE"]) {
      const { name: is, message } = translate(answer(errno, code, true), at, "connecting");
      expect([is, message.includes(why)]).toEqual([name, true]);
      expect(message).not.toContain("does not answer");
      expect(message).not.toContain("10.0.0.1");
    }
  });

  it.each([
    [4031, "the server ended a connection that waited for too long"],
    [1927, "the server ended the connection"],
    [2013, "the server closed the connection"],
    [2006, "the server closed the connection"],
    [3169, "the server ended the connection"],
  ])("%d while reading is a lost connection, and says what ends one", (errno, why) => {
    const { name, message } = translate(answer(errno, undefined, true), at, "reading");
    expect(name).toBe("SourceLost");
    expect(message).toContain(`The connection to ${at} was lost while reading (${why}`);
    expect(message).toContain("Have wait_timeout raised");
  });

  it("an unknown number is an answer too", () => {
    for (const phase of ["connecting", "reading"] as const) {
      expect(translate(answer(1105, "ER_UNKNOWN_ERROR"), at, phase)).toMatchObject({
        name: "SourceFailed",
        message: `${at} failed (error 1105); no further row was read. Look the code up in the server's documentation, correct the cause and run the same step again.`,
      });
    }
  });

  it("a name without a number is understood as well", () => {
    const error = Object.assign(new Error("…"), { code: "ER_USER_LIMIT_REACHED" });
    expect(translate(error, at, "connecting").name).toBe("SourceLimitReached");
  });

  it("nobody there, by the system's negative number, stays one that does not answer", () => {
    expect(translate(answer(-111, "ECONNREFUSED", true), at, "connecting")).toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining(`${at} does not answer (connection refused, ECONNREFUSED)`),
    });
  });
});
