/**
 * A clock that only goes forward, at its own pace: what lasts for minutes from when it began ends in time, and no sooner or
 * later, whatever somebody sets the machine's clock to meanwhile.
 */
export function steadyClock(): () => Date {
  const [began, since] = [Date.now(), performance.now()];
  return () => new Date(began + performance.now() - since);
}
