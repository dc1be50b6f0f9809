import { expect, it } from "vitest";
import { withoutValues } from "../../lib/data/failures.ts";

const failed = (message: string) =>
  (withoutValues(Object.assign(new Error(message), { name: "DatabaseErrorException" })) as Error)
    .message;

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
  ["ERROR: Sara Benali; SQLState: ZZ123", "ERROR: the database refused it; SQLState: ZZ123"],
  [
    "ERREUR: la clé « (email)=(sara@example.com) » existe déjà; SQLState: 23505",
    "ERREUR: the database refused it; SQLState: 23505",
  ],
  [
    'ERROR: invalid input syntax for type date: "31/02/Sara"; SQLState: 22007',
    "ERROR: a value does not fit; SQLState: 22007",
  ],
])("W14 a database's failure quotes no value: %s", (message, told) => {
  expect(failed(message)).toBe(told);
});
