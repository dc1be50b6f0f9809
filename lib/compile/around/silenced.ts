/** Whether this session is one in which neither the platform's triggers and foreign keys act nor the guards of the ledger, as SQL. */
export const isSilenced = "current_setting('session_replication_role') = 'replica'";

/** What is said then, and what mends it. */
export const triggersSilenced =
  "Sessions of this database begin with a session_replication_role in which none of the platform's triggers and foreign keys acts, nor wavegate's guards: rows would be written that it refuses, and others as it does not have them. As the database's administrator: `alter database … reset session_replication_role`, and detach single triggers instead; `wavegate doctor` tells.";
