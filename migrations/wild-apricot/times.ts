/** Where the account's clock hangs: its exports say no zone. */
export const zone = "America/Los_Angeles";

/** How the account writes days and times; any other spelling is no date, and is never guessed. */
export const written = { format: "MM/dd/yyyy[ HH:mm]", zone, since: "1900-01-02" };
