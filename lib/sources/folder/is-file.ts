import { stat } from "node:fs/promises";

/** Whether a file lies there, and no folder, nor a pipe that nobody may ever write into. */
export const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isFile() ?? false;
