/** How the dump writes times: with their offset, so that the zone is only where there is none. */
export const written = { zone: "UTC", since: "2000-01-01" };
