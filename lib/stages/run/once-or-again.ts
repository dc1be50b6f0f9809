/**
 * Writes rows that are new, as nearly always; only where some are there already (23505) it writes again
 * in the way that leaves those alone, which looks every row up and so takes longer.
 *
 * @param write its argument says whether some rows may be there
 */
export async function onceOrAgain(write: (repeated: boolean) => Promise<number>): Promise<number> {
  try {
    return await write(false);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("SQLState: 23505"))) throw error;
    return write(true);
  }
}
