import type { BundleReport } from "./bundle.ts";

/** Asks the platform's database; only reads. */
export type Ask = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

interface TierCount {
  readonly tierCode: string | null;
  readonly tierName: string | null;
  readonly count: number;
}

/** What stands on the platform: of the run, and in its tables. */
export interface Found {
  readonly run: Readonly<Record<Things, number>>;
  readonly table: Readonly<Record<Things, number>>;
  /** Of the run's members; of all where it wrote none. */
  readonly tiers: readonly TierCount[];
  readonly orphaned: number;
  readonly duplicates: number;
  /** The run of the latest entry of the id map; undefined where there is none. */
  readonly latestRun: string | undefined;
}

export type Things = "members" | "events" | "registrations";

const tables: Readonly<Record<Things, string>> = {
  members: `"Member"`,
  events: `"Event"`,
  registrations: `"EventRegistration"`,
};

export async function findOnPlatform(ask: Ask, { idMapping }: BundleReport): Promise<Found> {
  const number = async (text: string): Promise<number> => Number((await ask(text))[0]?.n ?? 0);
  const idsOf = (things: Things) =>
    idMapping[things]?.flatMap(({ target, how }) =>
      how === "linked" || target === "" ? [] : [target],
    );
  const standing = async (things: Things): Promise<number> => {
    const ids = idsOf(things);
    const all = `select count(*)::int as n from ${tables[things]} t`;
    // A bundle that maps none of a kind says nothing of which rows are its own: all are counted.
    return number(ids === undefined ? all : `${all} where t."id"::text in (${listed(ids)})`);
  };
  // A run that wrote no member, as one that found everything there, is judged by the members that there are.
  const members = idsOf("members") ?? [];
  const whose = members.length === 0 ? "true" : `m."id"::text in (${listed(members)})`;
  const tiers = await ask(`
    select t."code" as code, t."name" as name, count(*)::int as n
      from "Member" m left join "MembershipTier" t on t."id" = m."membershipTierId"
     where ${whose} group by 1, 2 order by 3 desc, 1`);
  return {
    run: {
      members: await standing("members"),
      events: await standing("events"),
      registrations: await standing("registrations"),
    },
    table: {
      members: await number(`select count(*)::int as n from "Member"`),
      events: await number(`select count(*)::int as n from "Event"`),
      registrations: await number(`select count(*)::int as n from "EventRegistration"`),
    },
    tiers: tiers.map(({ code, name, n }) => ({
      tierCode: code === null ? null : String(code),
      tierName: name === null ? null : String(name),
      count: Number(n),
    })),
    orphaned: await number(`
      select count(*)::int as n from "EventRegistration" r
       where not exists (select from "Member" m where m."id" = r."memberId")
          or not exists (select from "Event" e where e."id" = r."eventId")`),
    duplicates: await duplicatesIn(ask),
    latestRun: await latestRun(ask),
  };
}

/** Entries of the ledger that name one row of the platform for two legacy rows of one run. */
const duplicatesIn = async (ask: Ask): Promise<number> => {
  if (!(await hasLedger(ask))) return 0;
  const [found] = await ask(`
    select count(*)::int as n from (
      select from wavegate.legacy_import_commit_logs
       where rolled_back_at is null and action = 'commit'
         and target_table in ('Member', 'Event', 'EventRegistration')
       group by run_id, target_table, target_key having count(distinct staged_id) > 1) twice`);
  return Number(found?.n ?? 0);
};

async function latestRun(ask: Ask): Promise<string | undefined> {
  if (!(await hasLedger(ask))) return undefined;
  const [found] = await ask(`
    select run_id::text as run from wavegate.legacy_import_commit_logs
     where rolled_back_at is null and target_table in ('Member', 'Event', 'EventRegistration')
     order by id desc limit 1`);
  return found === undefined ? undefined : String(found.run);
}

const hasLedger = async (ask: Ask): Promise<boolean> =>
  (await ask(`select to_regclass('wavegate.legacy_import_commit_logs') is not null as there`))[0]
    ?.there === true;

/** Ids as a list of SQL; of none, one that nothing has. */
const listed = (ids: readonly string[]): string =>
  ids.length === 0 ? "null" : ids.map((id) => `'${id.replaceAll("'", "''")}'`).join(", ");
