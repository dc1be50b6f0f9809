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
    "# Is it of this cluster, and from before the run? A snapshot's name is anybody's to give.",
    `aws rds describe-db-cluster-snapshots --db-cluster-snapshot-identifier ${backup} \\`,
    "  --query 'DBClusterSnapshots[].[DBClusterIdentifier,DbClusterResourceId,SnapshotCreateTime,Status]'",
    "",
    "# 2. The snapshot as a cluster of its own. SUBNETS, GROUP and PARAMETERS are those of the platform's cluster, here by its name:",
    "# AWS would give it its own parameters, and its log would quote rows.",
    "aws rds describe-db-clusters --db-cluster-identifier CLUSTER \\",
    "  --query 'DBClusters[].[DBSubnetGroup,VpcSecurityGroups[].VpcSecurityGroupId,DBClusterParameterGroup]'",
    "aws rds restore-db-cluster-from-snapshot --engine aurora-postgresql \\",
    `  --db-cluster-identifier ${beside} --snapshot-identifier ${backup} \\`,
    "  --db-subnet-group-name SUBNETS --vpc-security-group-ids GROUP \\",
    "  --db-cluster-parameter-group-name PARAMETERS \\",
    "  --serverless-v2-scaling-configuration MinCapacity=0.5,MaxCapacity=8",
    // An instance is made only in a cluster that is there, which takes minutes.
    `aws rds wait db-cluster-available --db-cluster-identifier ${beside}`,
    `aws rds create-db-instance --engine aurora-postgresql --db-instance-class db.serverless \\`,
    `  --db-cluster-identifier ${beside} --db-instance-identifier ${beside}-1`,
    `aws rds wait db-instance-available --db-instance-identifier ${beside}-1`,
    "",
    "# 3. From a machine that both clusters' groups let in: the platform's schemas of the snapshot, and never wavegate's, in one transaction.",
    `pg_dump --format=custom --exclude-schema=wavegate --file ${backup}.dump "$SNAPSHOT_URL"`,
    `pg_restore --list ${backup}.dump \\`,
    "  | grep -Ev '^[0-9]+; [0-9]+ [0-9]+ (SCHEMA|EXTENSION|EVENT TRIGGER|PUBLICATION|SUBSCRIPTION|DATABASE|PROCEDURAL LANGUAGE|DEFAULT ACL|(ACL|COMMENT|SECURITY LABEL) [^ ]+ (SCHEMA|EXTENSION|DATABASE)) ' > all",
    "# Keys of partitions stand before all others: each goes with the key that it is a part of, and cannot be dropped before it.",
    "awk '{ line[NR] = $0; name[NR] = $(NF - 1) } / INDEX ATTACH / { part[name[NR]] } /^[0-9]+; [0-9]+ [0-9]+ CONSTRAINT / { key[NR] } \\",
    "  END { for (i = 1; i <= NR; i++) if (i in key && name[i] in part) keys[++n] = line[i]; for (i = 1; i <= NR; i++) if (i in key && !(name[i] in part)) keys[++n] = line[i]; \\",
    "        for (i = 1; i <= NR; i++) print (i in key) ? keys[++at] : line[i] }' all > contents",
    "# A table that is replaced is taken from its publications: they are noted, and put back behind it.",
    `psql "$PLATFORM_URL" -At -c "select format('alter publication %I add table only %I.%I;', p.pubname, n.nspname, c.relname) from pg_publication_rel r join pg_publication p on p.oid = r.prpubid join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname <> 'wavegate'" > published.sql`,
    "pg_restore --clean --if-exists --exit-on-error --single-transaction \\",
    `  --use-list contents --dbname "$PLATFORM_URL" ${backup}.dump`,
    `psql "$PLATFORM_URL" --single-transaction --set=ON_ERROR_STOP=1 --file published.sql`,
    "",
    "# 4. The functions' rights and guards on the platform's tables, and the ledger of what is no longer there.",
    "# A deployment that changes nothing sets nothing up; this one does, whatever it changes.",
    `npx cdk deploy -c settings=production.ts -c set-up-again=${run}`,
    `wavegate rollback --run ${run}`,
    "",
    "# 5. Afterwards.",
    `aws rds delete-db-instance --db-instance-identifier ${beside}-1`,
    `aws rds delete-db-cluster --db-cluster-identifier ${beside} --skip-final-snapshot`,
  ];
};
