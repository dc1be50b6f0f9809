import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { accountNumber, apiKey, startApi } from "../../test/support/wild-apricot/api.ts";
import { toldByApi } from "../../test/support/wild-apricot/shapes.ts";
import { clubOf, small } from "../club/generate.ts";
import { restoreDump } from "./dump.ts";
import type { Shell } from "./shell.ts";

/** What a demo migrates: the same story with another migration. */
export interface Scene {
  /** What is said to the platform's database behind its schema, and before its rows. */
  readonly prepare?: { readonly files: readonly string[]; readonly before: string };
  readonly migration: string;
  /** Settings of the legacy side. */
  readonly settings: Readonly<Record<string, string>>;
  /** Tables of the platform that are counted. */
  readonly tables: readonly string[];
  /** Exit codes with which a run may end: 1 where conflicts are left for people. */
  readonly ends?: readonly number[];
  /** Further options of `start`. */
  readonly start: string;
  /** What is looked at before it starts, and once its bundle is there. */
  before?(shell: Shell): Promise<void>;
  after?(shell: Shell, about: { bundle: string; run: string; approver: Approving }): Promise<void>;
  close?(): Promise<void>;
}

/** Settings by which the approver runs a command. */
type Approving = Readonly<Record<string, string>>;

type Make = (place: { root: string; home: string }) => Promise<Scene> | Scene;

/** How the scene is made that is asked for, the first migration's unless said; undefined for a name that has none. */
export function sceneFor(name: string): Make | undefined {
  const scenes = { ecoin: school, "wild-apricot": club, alpha2: platform, community: communities };
  return Object.hasOwn(scenes, name) ? scenes[name as keyof typeof scenes] : undefined;
}

/** A platform that is read and written: by a role of its own, at a port that is known before it is there. */
async function communities({ home }: { home: string }): Promise<Scene> {
  const port = await freePort();
  await writeFile(join(home, "ports.json"), JSON.stringify({ postgres: port }), { mode: 0o600 });
  return {
    migration: "community",
    settings: {
      PLATFORM_DB_DRIVER: "pgsql",
      PLATFORM_DB_HOST: "127.0.0.1",
      PLATFORM_DB_PORT: `${port}`,
      PLATFORM_DB_DATABASE: "platform",
      PLATFORM_DB_USERNAME: "platform_reader",
      PLATFORM_DB_PASSWORD: "change-this",
    },
    prepare: { before: "set sample.size = 'small'", files: ["reader.sql"] },
    tables: ["community_categories", "community_members", "profile_activities"],
    start: " --plan 25,125,625,3125",
    before: async (shell) => {
      shell.title("What would become of it: a dry run of one part");
      await shell.run("backfill membership --source=classrooms --dry-run");
    },
    after: async (shell, { run, approver }) => {
      shell.title("Counted as the dry run did, and shown to some of the people");
      await shell.run(`backfill counters --run ${run}`);
      await shell.run("feature enable --flag community_profile_activity --percentage 50", approver);
      const { address } = JSON.parse(await shell.quiet("console --output json", approver)) as {
        address: string;
      };
      await askActivity(shell, new URL("/api/v1/me/profile-activity?per_page=2", address));
    },
  };
}

/** Asks as nobody, and as the first person who gets the feature and the first who does not. */
async function askActivity(shell: Shell, url: URL): Promise<void> {
  const shown = new Set<number>();
  for (const token of ["", ...Array.from({ length: 40 }, (_, at) => `token-${at + 1}`)]) {
    const authorization = token === "" ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(url, { headers: authorization });
    const body = (await response.json()) as {
      data?: { activity_type: string }[];
      errors?: { title: string }[];
    };
    if (shown.has(response.status) || body.data?.length === 0) continue;
    shown.add(response.status);
    const says = body.errors?.[0]?.title ?? body.data?.map((each) => each.activity_type).join(", ");
    shell.say(`
$ curl${token === "" ? "" : ` -H "Authorization: Bearer ${token}"`} "${url}"
${response.status} ${says}`);
  }
  if (![401, 404, 200].every((status) => shown.has(status)))
    throw new Error(`The endpoint answered with ${[...shown].join(", ")} alone.`);
}

const freePort = (): Promise<number> =>
  new Promise((resolve, refuse) => {
    const probe = createServer();
    probe.once("error", refuse);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

const school: Make = ({ root }) => ({
  migration: "ecoin",
  settings: {
    LEGACY_DB_DRIVER: "csv",
    LEGACY_DB_PATH: join(root, "migrations/ecoin/sample/legacy"),
  },
  tables: ["users", "crm_leads", "legacy_completed_trainings", "legacy_imported_enrollments"],
  start: "",
});

/** A small club behind a stand-in of the API, which answers as the real one does, at any pace. */
async function club({ home }: { home: string }): Promise<Scene> {
  const account = toldByApi(clubOf(small));
  const api = await startApi(account);
  return {
    migration: "wild-apricot",
    settings: {
      WILD_APRICOT_DB_DRIVER: "wild-apricot",
      WILD_APRICOT_DB_ACCOUNT: accountNumber,
      WILD_APRICOT_DB_API_KEY: apiKey,
      WILD_APRICOT_DB_PATH: join(home, "reading"),
      WILD_APRICOT_DB_PACE: "1000",
      WILD_APRICOT_DB_API_URL: api.url,
      WILD_APRICOT_DB_TOKEN_URL: api.tokenUrl,
    },
    tables: ['"MembershipTier"', '"Member"', '"Event"', '"EventRegistration"'],
    start: " --plan 25,125,625",
    before: async (shell) => {
      shell.title("Does the source answer?");
      await shell.run("health wild-apricot");
    },
    after: async (shell, { bundle }) => {
      shell.title("The bundle is held against the platform");
      await shell.run(`verify --bundle ${bundle} --output ${join(bundle, "..", "report.md")}`);
    },
    close: () => api.close(),
  };
}

/** A small school's dump, restored beside the platform, with its files. */
async function platform({ root, home }: { root: string; home: string }): Promise<Scene> {
  const dump = await restoreDump(root, home);
  const reports = join(home, "audit-reports");
  return {
    migration: "alpha2",
    settings: dump.settings,
    tables: [
      ...["courses", "course_memberships", "unit_sections", "unit_materials", "unit_tasks"],
      "learning_submissions",
    ],
    ends: [0, 1],
    start: ` --plan 25,125,625 --storage-path ${dump.files}`,
    before: async (shell) => {
      shell.title("A dry run: the whole audit, and nothing written");
      await shell.run(`start alpha2 --dry-run --storage-path ${dump.files}`, {}, [0, 1]);
    },
    after: async (shell) => {
      shell.title("What became of each row, by entity");
      await shell.run(`report --to ${reports}`, {}, [0, 1]);
    },
    close: dump.close,
  };
}
