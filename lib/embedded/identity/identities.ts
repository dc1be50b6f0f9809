import { createHash, createHmac, randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import type { SignedRequest } from "./claim.ts";
import { writeFileDurably } from "./durable.ts";
import { withFileLock } from "./lock.ts";
import { generatePassword, hashPassword, passwordMatches } from "./passwords.ts";
import {
  checkPassword,
  newKeyPair,
  type Person,
  PersonProblem,
  parseNewPerson,
  type ServiceIdentity,
  sameName,
} from "./people.ts";
import { verifySignature } from "./signature.ts";

export type { SignedRequest } from "./claim.ts";
export type { Person, ServiceIdentity } from "./people.ts";
export { PersonProblem } from "./people.ts";
export { RequestRefused } from "./refusals.ts";

/** The name under which the function handlers act; it exists always and is nobody's log-in. */
export const SERVICE_NAME = "wavegate-functions";

/** Who sets up the database and gives permissions: whoever may read this folder's files, not a person. */
export const ADMINISTRATOR = "wavegate-administrator";

/** Says who sent a request, or throws what AWS would (see `RequestRefused`). */
export type Authenticate = (request: SignedRequest) => Promise<string>;

/** A person just added; `password` only when it was generated, and never to be had again. */
type AddedPerson = Person & { readonly password?: string };

/** The people and credentials of one machine's runtime. */
export interface Identities {
  /** Everybody, in the order they were added; without the service identity. */
  list(): Promise<Person[]>;
  /** Errors: `PersonProblem` for a bad or taken name, a bad address, a short password. */
  add(person: { name: string; email: string; password?: string }): Promise<AddedPerson>;
  /** Errors: `PersonProblem` when there is nobody of that name. */
  remove(name: string): Promise<void>;
  /**
   * Gives somebody another password and ends their sign-ins; without one, a generated one, which is
   * returned. Errors: `PersonProblem` when it is too short, or there is nobody of that name.
   */
  changePassword(name: string, password?: string): Promise<string | undefined>;
  /**
   * The same for somebody who proved to be the person while they stood so, and answers how they stand then.
   * Errors: `PersonProblem` when it is too short, or they stand otherwise since.
   */
  changeOwnPassword(name: string, password: string, standing?: string): Promise<string>;
  /** Ends the sign-ins of somebody, as when their permissions change; of nobody, nothing happens. */
  endSignIns(name: string): Promise<void>;
  /** A word that changes with somebody's password and with {@link endSignIns}; undefined for nobody. */
  standingOf(name: string): Promise<string | undefined>;
  /** The person, if the password is theirs. Unknown names take as long. */
  verifyPassword(name: string, password: string): Promise<Person | undefined>;
  /** The owner of an access key: a person or the service identity. */
  byAccessKey(accessKeyId: string): Promise<Person | ServiceIdentity | undefined>;
  /** The credentials that those of functions are made from; good for nothing themselves. */
  service(): Promise<ServiceIdentity>;
  /**
   * Keys of a caller that is no person (`wavegate-functions/commit`, the administrator), made from the
   * service's own. From now on this process knows requests that are signed with them.
   */
  callerKeys(name: string): Promise<ServiceIdentity>;
  /** The name of the person (or of the service identity) who signed the request. */
  readonly authenticate: Authenticate;
}

const PeopleFile = z.object({
  people: z.array(
    z.object({
      name: z.string(),
      email: z.string(),
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      passwordHash: z.string(),
      signIns: z.string().optional(),
    }),
  ),
  service: z.object({
    name: z.literal(SERVICE_NAME),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
  }),
});
type PeopleFile = z.infer<typeof PeopleFile>;

/**
 * Opens (and, the first time, creates) `people.json` in a folder, readable by its owner only.
 * Several processes may hold it open: every answer is read from the file's newest state.
 */
export async function openIdentities(
  directory: string,
  options: { now?: () => Date } = {},
): Promise<Identities> {
  const now = options.now ?? (() => new Date());
  const file = new SharedPeopleFile(directory);
  await file.create();

  const callers = new Set<string>();
  const byAccessKey = async (accessKeyId: string) => {
    const { people, service } = await file.read();
    const owners = [...people, service, ...[...callers].map((name) => keysFrom(service, name))];
    return owners.find((owner) => owner.accessKeyId === accessKeyId);
  };

  const find = async (name: string): Promise<Person | undefined> =>
    (await file.read()).people.find((known) => sameName(known.name, name));
  const changeOne = (name: string, how: (person: Person) => Person): Promise<void> =>
    file.change((content) => {
      if (!content.people.some((known) => sameName(known.name, name))) throw nobody(name);
      const people = content.people.map((person) =>
        sameName(person.name, name) ? how(person) : person,
      );
      return { ...content, people };
    });

  return {
    list: async () => (await file.read()).people,
    service: async () => (await file.read()).service,
    byAccessKey,
    async callerKeys(name) {
      callers.add(name);
      return keysFrom((await file.read()).service, name);
    },
    async add(wanted) {
      const { name, email, password } = parseNewPerson(wanted, [SERVICE_NAME, ADMINISTRATOR]);
      const generated = password === undefined ? generatePassword() : undefined;
      const passwordHash = await hashPassword(password ?? generated ?? "");
      const person: Person = { name, email, ...newKeyPair(), passwordHash };
      await file.change((content) => {
        if (content.people.some((known) => sameName(known.name, name))) {
          throw new PersonProblem(`There is a person named ${name} already. Nothing was changed.`);
        }
        return { ...content, people: [...content.people, person] };
      });
      return generated === undefined ? person : { ...person, password: generated };
    },
    async remove(name) {
      await file.change((content) => {
        const people = content.people.filter((known) => !sameName(known.name, name));
        if (people.length === content.people.length) {
          throw nobody(name);
        }
        return { ...content, people };
      });
    },
    async changePassword(name, password) {
      if (password !== undefined) checkPassword(password);
      const generated = password === undefined ? generatePassword() : undefined;
      const passwordHash = await hashPassword(password ?? generated ?? "");
      await changeOne(name, (person) => ({ ...person, passwordHash, signIns: randomUUID() }));
      return generated;
    },
    async changeOwnPassword(name, password, standing) {
      checkPassword(password);
      const passwordHash = await hashPassword(password);
      let stands = "";
      await changeOne(name, (person) => {
        if (standingOf(person) !== standing) {
          throw new PersonProblem(
            "Your password or what you may do was changed meanwhile. Nothing was changed; sign in again.",
          );
        }
        const changed = { ...person, passwordHash, signIns: randomUUID() };
        stands = standingOf(changed);
        return changed;
      });
      return stands;
    },
    async endSignIns(name) {
      if (await find(name)) {
        await changeOne(name, (person) => ({ ...person, signIns: randomUUID() }));
      }
    },
    async standingOf(name) {
      const person = await find(name);
      return person && standingOf(person);
    },
    async verifyPassword(name, password) {
      const person = await find(name);
      const matches = await passwordMatches(password, person?.passwordHash);
      return matches ? person : undefined;
    },
    authenticate: async (request) => (await verifySignature(request, byAccessKey, now())).name,
  };
}

const standingOf = ({ passwordHash, signIns, accessKeyId }: Person): string =>
  createHash("sha256")
    .update(JSON.stringify([passwordHash, signIns, accessKeyId]))
    .digest("base64");

const nobody = (name: string): PersonProblem =>
  new PersonProblem(`There is nobody named ${name}. Nothing was changed.`);

/** Keys that were made of a service's, by name: every request asks for those of all callers. */
const made = new WeakMap<ServiceIdentity, Map<string, ServiceIdentity>>();

/** The same keys each time, so that nothing more has to be kept; those of one tell nothing of another's. */
function keysFrom(service: ServiceIdentity, name: string): ServiceIdentity {
  const known = made.get(service) ?? new Map<string, ServiceIdentity>();
  made.set(service, known);
  const keys = known.get(name) ?? makeKeys(service, name);
  known.set(name, keys);
  return keys;
}

function makeKeys(service: ServiceIdentity, name: string): ServiceIdentity {
  const of = (what: string) =>
    createHmac("sha256", service.secretAccessKey).update(`${what} ${name}`).digest();
  return {
    name,
    accessKeyId: `WAVE${of("id").toString("hex").slice(0, 16).toUpperCase()}`,
    secretAccessKey: of("secret").toString("base64url"),
  };
}

/** The file, its lock, and the last content seen. */
class SharedPeopleFile {
  readonly #directory: string;
  readonly #path: string;
  #seen: { stamp: string; content: PeopleFile } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, "people.json");
  }

  async create(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    if (await exists(this.#path)) {
      await chmod(this.#path, 0o600);
      await this.read();
      return;
    }
    await this.#locked(async () => {
      if (await exists(this.#path)) return;
      await this.#write({ people: [], service: { name: SERVICE_NAME, ...newKeyPair() } });
    });
  }

  async read(): Promise<PeopleFile> {
    const { ino, mtimeNs, size } = await stat(this.#path, { bigint: true });
    const stamp = `${ino} ${mtimeNs} ${size}`;
    if (this.#seen?.stamp !== stamp) {
      this.#seen = { stamp, content: await this.#parse() };
    }
    return this.#seen.content;
  }

  async change(how: (content: PeopleFile) => PeopleFile): Promise<void> {
    await this.#locked(async () => this.#write(how(await this.#parse())));
  }

  async #parse(): Promise<PeopleFile> {
    try {
      return PeopleFile.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch (cause) {
      throw new PersonProblem(
        `${this.#path} cannot be read as a list of people. Nothing was changed; restore it from a copy, or remove it to begin anew.`,
        { cause },
      );
    }
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return withFileLock(`${this.#path}.lock`, work);
  }

  async #write(content: PeopleFile): Promise<void> {
    await writeFileDurably(this.#path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    this.#seen = undefined;
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
