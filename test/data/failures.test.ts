import { describe, expect, it } from "vitest";
import { brokenTo, named } from "../../lib/data/failures.ts";

const told = (error: object) => named(Object.assign(new Error("of the moment"), error)) as Error;
const failed = (message: string) => told({ message, name: "DatabaseErrorException" }).message;

it.each([
  [
    'ERROR: duplicate key value violates unique constraint "users_email_key"\n  Detail: Key (email)=(sara@example.com) already exists.; SQLState: 23505',
    'ERROR: duplicate key value violates unique constraint "users_email_key"; SQLState: 23505',
  ],
  [
    'ERROR: new row for relation "crm_leads" violates check constraint "phone_ok"; Detail: Failing row contains (1, Sara).; SQLState: 23514',
    'ERROR: new row for relation "crm_leads" violates check constraint "phone_ok"; SQLState: 23514',
  ],
  [
    "ERROR: permission denied for table notes; SQLState: 42501",
    "ERROR: permission denied for table notes; SQLState: 42501",
  ],
  [
    'ERROR: relation "wavegate.people" does not exist; SQLState: 42P01',
    'ERROR: relation "wavegate.people" does not exist; SQLState: 42P01',
  ],
  [
    "ERROR: a row may be changed only with the entry of the ledger that says what it held; SQLState: WG001",
    "ERROR: a row may be changed only with the entry of the ledger that says what it held; SQLState: WG001",
  ],
  [
    'ERROR: column "full_name" of relation "users" does not exist; SQLState: 42703',
    'ERROR: column "full_name" of relation "users" does not exist; SQLState: 42703',
  ],
  [
    "ERROR: function lowered(text, integer) does not exist; SQLState: 42883",
    "ERROR: function lowered(text, integer) does not exist; SQLState: 42883",
  ],
  // What a trigger put together of a row, and PostgreSQL then names.
  ...['column "Sara Benali"', 'relation "sara@example.com"', 'column "213559446168"'].map(
    (named): [string, string] => [
      `ERROR: ${named} does not exist; SQLState: 42703`,
      "ERROR: the database refused it; SQLState: 42703",
    ],
  ),
  [
    'ERROR: syntax error at or near "Benali"; SQLState: 42601',
    "ERROR: syntax error; SQLState: 42601",
  ],
  // What triggers raise, under whatever code; what a server says in another language.
  [
    "ERROR: 213559446168 is taken; SQLState: P0001",
    "ERROR: the database refused it; SQLState: P0001",
  ],
  [
    "ERROR: phone 213559446168 of Sara; SQLState: 23514",
    "ERROR: the database refused it; SQLState: 23514",
  ],
  [
    "ERROR: Sara has no permission; SQLState: 42501",
    "ERROR: the database refused it; SQLState: 42501",
  ],
  ...[
    "permission denied for Sara Benali",
    "permission denied to delete sara benali",
    "must be owner, Sara Benali is not",
    "operator Sara Benali is not on duty",
    "could not create Sara Benali",
    "could not access account of sara@example.com",
    "there is no unique Sara",
  ].map((says): [string, string] => [
    `ERROR: ${says}; SQLState: P0001`,
    "ERROR: the database refused it; SQLState: P0001",
  ]),
  ...[
    'permission denied to set role "owner"',
    "must be owner of table notes",
    "could not serialize access due to concurrent update",
    'could not extend file "base/5/16384": No space left on device',
    'missing FROM-clause entry for table "s"',
  ].map((says): [string, string] => [
    `ERROR: ${says}; SQLState: 42501`,
    `ERROR: ${says}; SQLState: 42501`,
  ]),
  ["ERROR: Sara Benali; SQLState: ZZ123", "ERROR: the database refused it; SQLState: ZZ123"],
  [
    "ERREUR: la clé « (email)=(sara@example.com) » existe déjà; SQLState: 23505",
    "ERREUR: the database refused it; SQLState: 23505",
  ],
  [
    'ERROR: invalid input syntax for type date: "31/02/Sara"; SQLState: 22007',
    "ERROR: a value does not fit; SQLState: 22007",
  ],
])("W14 a database's failure quotes no value: %s", (message, says) => {
  expect(failed(message)).toBe(says);
});

const ofState = (state: string) => ({
  name: "DatabaseErrorException",
  message: `ERROR: Sara Benali; SQLState: ${state}`,
});

it.each([
  ["InternalServerErrorException", { name: "InternalServerErrorException" }],
  ["TransactionNotFoundException", { name: "TransactionNotFoundException" }],
  // What a function waited a minute for in vain may be there a minute later: its state sends it again.
  ["ServiceUnavailableError", { name: "ServiceUnavailableError" }],
  ["ServiceUnavailableException", { name: "ServiceUnavailableException" }],
  ["TooManyRequestsException", { name: "TooManyRequestsException" }],
  [
    "SecretsErrorException: the secret with a role's password could not be read in time, is not there, or is under a key that may not be used",
    { name: "SecretsErrorException" },
  ],
  [
    "InvalidResourceStateException: the cluster is stopped, or is just being started or changed",
    { name: "InvalidResourceStateException" },
  ],
  ["TimeoutError", { name: "TimeoutError" }],
  ["ECONNRESET", { code: "ECONNRESET" }],
  ["EPIPE", { code: "EPIPE" }],
  ["SQLState: 57P01, the session was ended, or the server goes down", ofState("57P01")],
  ["SQLState: 57P02, the server crashed", ofState("57P02")],
  ["SQLState: 57P05, the session was idle for too long", ofState("57P05")],
  ["SQLState: 57014, a statement was cancelled, or took longer than is set", ofState("57014")],
  ["SQLState: 08006", ofState("08006")],
  [
    "SQLState: 25P03, its transaction was left waiting for longer than idle_in_transaction_session_timeout",
    ofState("25P03"),
  ],
  ["SQLState: 25P04, its transaction took longer than is set", ofState("25P04")],
  ["SQLState: 53300, too many connections are open", ofState("53300")],
])("W3 W13 W14 %s is a connection that was lost, and quotes nothing", (why, error) => {
  const { name, message, cause } = told(error);
  // By it the command line says which service does not answer (W13).
  expect(cause).toMatchObject(error);
  expect(name).toBe("ConnectionLost");
  expect(message).toContain(`lost in the middle (${why}).`);
  expect(message).not.toContain("Sara");
});

it.each([
  "cannot set transaction read-write mode during recovery; SQLState: 0A000",
  "cannot execute txid_current() during recovery; SQLState: 25006",
])("W3 a server that another one takes over from is left: %s", (says) => {
  const { name, message } = told({ name: "DatabaseErrorException", message: `ERROR: ${says}` });
  expect(name).toBe("ConnectionLost");
  expect(message).toMatch(/^The connection to the database was lost in the middle \(SQLState: /u);
});

it("W3 a function of the platform's that PostgreSQL does not know in that state is no such server", () => {
  const message = "ERROR: cannot do this for Sara; SQLState: 0A000";
  expect(told({ name: "DatabaseErrorException", message }).name).toBe("DatabaseErrorException");
});

it.each([
  ["40001", "of two who changed the same one was let through"],
  ["40P01", "two waited for each other"],
  ["55P03", "a lock was not given in time"],
])("W3 W13 W14 %s is somebody else who writes", (state, says) => {
  const { name, message, cause } = told(ofState(state));
  expect(cause).toMatchObject(ofState(state));
  expect(name).toBe("DatabaseContended");
  expect(message).toContain(`at the same moment (SQLState: ${state}, ${says}).`);
  expect(message).not.toContain("Sara");
});

it("W3 W13 a statement that was not answered in time keeps its name, and says what to look at", () => {
  const { name, message, cause } = told({ name: "StatementTimeoutException", message: "Sara" });
  expect(name).toBe("StatementTimeoutException");
  expect(message).toMatch(
    /^A statement took longer than the 45 s .* look at its load, and at who holds/u,
  );
  expect(message).not.toContain("Sara");
  expect(cause).toMatchObject({ name });
});

describe("W3 what a service of AWS fails with by itself", () => {
  const ofAws = (name: string, httpStatusCode?: number) =>
    Object.assign(new Error("Sara"), { name, $metadata: { httpStatusCode, attempts: 3 } });

  it.each([
    ["InternalError", 500],
    ["ServiceUnavailable", 503],
    ["SlowDown", 503],
    ["RequestTimeout", 400],
    ["TooManyRequestsException", 429],
    ["InternalServiceError", 500],
  ])("%s is sent again by its name, and quotes nothing", (name, status) => {
    for (const to of ["evidence", "service"] as const)
      expect(brokenTo(to, ofAws(name, status))).toMatchObject({
        name: "ConnectionLost",
        message: expect.stringMatching(
          new RegExp(
            `^The connection to [^.]* was lost in the middle \\(${name}\\)\\. (?!.*Sara)`,
            "u",
          ),
        ),
      });
  });

  it.each([
    ["AccessDenied", 403],
    ["NoSuchKey", 404],
    ["BadDigest", 400],
    // The Data API's, which machines know as they are.
    ["DatabaseUnavailableException", 504],
    ["ThrottlingException", 400],
    // One machine's, which says what to do.
    ["DiskFull", 507],
  ])("%s is none of that", (name, status) => {
    const error = ofAws(name, status);
    expect(brokenTo("service", error)).toBe(error);
    // Without an answer of AWS it is somebody else's error of that name.
    expect(`${brokenTo("service", Object.assign(new Error("x"), { name: "SlowDown" }))}`).toMatch(
      /^SlowDown/u,
    );
  });
});

it("W3 and so is who changes the same table or right", () => {
  const { name } = told({
    name: "DatabaseErrorException",
    message: "ERROR: tuple concurrently updated; SQLState: XX000",
  });
  expect(name).toBe("DatabaseContended");
});

it.each(["23505", "42501", "P0001", "53100", "25006", "25P02", "XX000"])(
  "W3 %s stays what it is: sent again it would fail again",
  (state) => {
    expect(told(ofState(state)).name).toBe("DatabaseErrorException");
  },
);

it("W14 what a cluster passes on as a bad request quotes nobody either, and is told apart by its code", () => {
  const bad = (message: string) => told({ message, name: "BadRequestException" });
  const duplicate = bad(
    'ERROR: duplicate key value violates unique constraint "users_email_key"\n  Detail: Key (email)=(sara@example.com) already exists.; SQLState: 23505',
  );
  expect([duplicate.name, duplicate.message]).toEqual([
    "DatabaseErrorException",
    'ERROR: duplicate key value violates unique constraint "users_email_key"; SQLState: 23505',
  ]);
  expect(bad("ERROR: deadlock detected; SQLState: 40P01").name).toBe("DatabaseContended");
  expect(bad("FATAL: terminating connection; SQLState: 57P01").name).toBe("ConnectionLost");
  expect(bad("Database name is not provided").message).toBe("Database name is not provided");
});
