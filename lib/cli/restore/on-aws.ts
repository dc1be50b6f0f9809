/** What somebody does on AWS to put a backup back: printed, and never run from here. */
export const commandsOnAws = (of: {
  readonly run: string;
  readonly backup: string;
  readonly stack: string;
}): readonly string[] => {
  const { run, backup, stack } = of;
  const beside = `${stack}-restore`;
  return [
    "# 1. The bundle of the run as it stands: its digest goes out by mail, signed.",
    `wavegate stop --run ${run} --now`,
    `wavegate export audit --run ${run}`,
    "",
    "# 2. The snapshot as a cluster of its own. SUBNETS and GROUP are those of the platform's cluster.",
    "aws rds restore-db-cluster-from-snapshot --engine aurora-postgresql \\",
    `  --db-cluster-identifier ${beside} --snapshot-identifier ${backup} \\`,
    "  --db-subnet-group-name SUBNETS --vpc-security-group-ids GROUP \\",
    "  --serverless-v2-scaling-configuration MinCapacity=0.5,MaxCapacity=8",
    `aws rds create-db-instance --engine aurora-postgresql --db-instance-class db.serverless \\`,
    `  --db-cluster-identifier ${beside} --db-instance-identifier ${beside}-1`,
    `aws rds wait db-instance-available --db-instance-identifier ${beside}-1`,
    "",
    "# 3. From within its network: the platform's schemas of the snapshot, and never wavegate's, in one transaction.",
    `pg_dump --format=custom --exclude-schema=wavegate --file ${backup}.dump "$SNAPSHOT_URL"`,
    `pg_restore --list ${backup}.dump \\`,
    "  | grep -Ev '^[0-9]+; [0-9]+ [0-9]+ (SCHEMA|EXTENSION|DEFAULT ACL|EVENT TRIGGER|(ACL|COMMENT) - (SCHEMA|EXTENSION)) ' > contents",
    "pg_restore --clean --if-exists --exit-on-error --single-transaction \\",
    `  --use-list contents --dbname "$PLATFORM_URL" ${backup}.dump`,
    "",
    "# 4. The functions' rights and guards on the platform's tables, and the ledger of what is no longer there.",
    "npx cdk deploy -c settings=production.ts",
    `wavegate rollback --run ${run}`,
    "",
    "# 5. Afterwards.",
    `aws rds delete-db-instance --db-instance-identifier ${beside}-1`,
    `aws rds delete-db-cluster --db-cluster-identifier ${beside} --skip-final-snapshot`,
  ];
};
