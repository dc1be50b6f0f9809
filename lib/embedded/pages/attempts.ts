/** Failed sign-ins, counted for each name and for all together, so that passwords cannot be guessed. */
export interface Attempts {
  /** Seconds to wait before this name may try again; 0: now. */
  waitFor(name: string): number;
  failed(name: string): void;
  succeeded(name: string): void;
}

/** Failures of one name, and of all names, within the window; then its end has to be waited for. */
const mostOfOneName = 5;
const mostOfAll = 50;
const windowMs = 5 * 60 * 1000;

export function createAttempts(now: () => Date): Attempts {
  let failures: { name: string; at: number }[] = [];
  const fold = (name: string) => name.normalize("NFKC").trim().toLowerCase();
  const recent = () => {
    const since = now().getTime() - windowMs;
    failures = failures.filter(({ at }) => at > since);
    return failures;
  };
  const wait = (list: readonly { at: number }[], most: number) => {
    const first = list.at(-most);
    return first ? Math.ceil((first.at + windowMs - now().getTime()) / 1000) : 0;
  };
  return {
    waitFor: (name) =>
      Math.max(
        wait(
          recent().filter((each) => each.name === fold(name)),
          mostOfOneName,
        ),
        wait(failures, mostOfAll),
      ),
    failed: (name) => void recent().push({ name: fold(name), at: now().getTime() }),
    succeeded: (name) => {
      failures = failures.filter((each) => each.name !== fold(name));
    },
  };
}
