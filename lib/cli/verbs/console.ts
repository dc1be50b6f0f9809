import type { Answer, Frame } from "../command.ts";
import { signInToPages } from "../pages.ts";
import { setting } from "../place.ts";
import { withAws } from "./with-aws.ts";

/** Where the console's pages begin. */
const begins = "/admin/legacy-imports";

/**
 * `wavegate console`: where the console is. On one machine, a link that logs the person of this terminal in once;
 * it takes their own password, as what they decide there does.
 */
export const openConsole = (frame: Frame): Promise<Answer> =>
  withAws(frame, async ({ place }) => {
    const site = setting(place, "WAVEGATE_SIGN_OFF_URL");
    const address = `${site}${begins}`;
    if (place.person === undefined) {
      return { json: { address }, text: [`The console: ${address}`] };
    }
    const pages = await signInToPages(frame, place, "look");
    const { path, seconds } = await pages.post<{ path: string; seconds: number }>(
      `/log-in-links?to=${begins}`,
      {},
    );
    const link = `${site}${path}`;
    return {
      json: { address, link, seconds, person: place.person },
      text: [
        `The console: ${address}`,
        `Logs ${place.person} in once, within ${Math.round(seconds / 60)} minutes: ${link}`,
      ],
    };
  });
