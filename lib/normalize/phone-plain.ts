import { isTooBare, type Plan, planOf, plansSharing } from "./phone-plan.ts";

const LONGEST_PLAIN = 24;
const SEPARATED = /^[0-9+][0-9 .-]*$/;
const SEPARATORS = /[ .-]/g;

/** A region's plan, and those it has to be told from: none where its calling code is its own. */
interface Numbering {
  readonly own: Plan;
  readonly sharing: readonly Plan[];
}
const numberings = new Map<string, Numbering>();

/**
 * The E.164 digits of a field that is one plain number of the region, nationally or with the region's
 * own calling code, or null when the library has to look: many times cheaper than the library, and
 * right for most rows (D3, M8). It takes the library's own steps over the library's own metadata, with
 * each pattern compiled once instead of at every call; a property test holds the two against each
 * other in every region, so that a change of the library shows as a failing test.
 */
export function plainPhone(raw: string, region: string): string | null {
  if (raw.length > LONGEST_PLAIN || !SEPARATED.test(raw)) return null;
  const numbering = numberingOf(region);
  if (numbering === undefined) return null;
  const dialled = raw.replace(SEPARATORS, "");
  // So few digits may be a date: the library's way looks at how they are written.
  if (dialled.length <= 8 && dialled.length < raw.length) return null;
  return ofPlan(dialled, numbering) ?? null;
}

/**
 * The E.164 digits of digits as they are dialled, with or without `+`; null where the region's own plan knows no
 * such number, and undefined where the library has to look: at another country's number, and at none
 * of regions that share their calling code.
 */
export function dialledPhone(dialled: string, region: string): string | null | undefined {
  const numbering = dialled.length > LONGEST_PLAIN ? undefined : numberingOf(region);
  return numbering && ofPlan(dialled, numbering);
}

function ofPlan(dialled: string, numbering: Numbering): string | null | undefined {
  const digits = digitsOf(dialled, numbering);
  return digits && isTooBare(digits, dialled, numbering.own) ? null : digits;
}

/**
 * How a number's length differs from the region's plan: `null` where it does not, and undefined where the library
 * has to look, as it may be another country's.
 */
export function dialledLength(dialled: string, region: string): Length | null | undefined {
  const numbering = dialled.length > LONGEST_PLAIN ? undefined : numberingOf(region);
  if (numbering === undefined || numbering.sharing.length > 0) return undefined;
  const { own } = numbering;
  if (dialled.startsWith("+") || own.abroad.test(dialled) || dialled.startsWith(own.code))
    return undefined;
  const { length } = nationalOf(dialled, own, numbering);
  if (length < (own.lengths[0] ?? 0)) return "too_short";
  return length > longest(own) ? "too_long" : null;
}
type Length = "too_short" | "too_long";

function numberingOf(region: string): Numbering | undefined {
  const known = numberings.get(region);
  if (known !== undefined) return known;
  const own = planOf(region);
  if (own === undefined) return undefined;
  const sharing = plansSharing(own.code);
  const numbering = { own, sharing: sharing.length > 1 ? sharing : [] };
  numberings.set(region, numbering);
  return numbering;
}

/** A number as it is dialled: with `+`, with what is dialled before a calling code, or nationally. */
function digitsOf(dialled: string, numbering: Numbering): string | null | undefined {
  const { own } = numbering;
  if (dialled.startsWith("+")) return fromAbroad(dialled.slice(1), numbering);
  const abroad = own.abroad.exec(dialled)?.[0].length ?? 0;
  // No calling code begins with 0: such a number is looked at as a national one.
  if (abroad > 0 && abroad < dialled.length && dialled[abroad] !== "0") {
    return fromAbroad(dialled.slice(abroad), numbering);
  }
  if (dialled.startsWith(own.code)) {
    const rest = dialled.slice(own.code.length);
    const whole = nationalOf(dialled, own, numbering);
    const beginsWithCode =
      !own.general.test(whole) && own.general.test(nationalOf(rest, own, numbering));
    if (beginsWithCode || whole.length > longest(own)) return fromAbroad(dialled, numbering);
  }
  return validDigits(dialled, own, numbering);
}

/** A number that begins with a calling code: read by the main plan of that code. */
function fromAbroad(digits: string, numbering: Numbering): string | null | undefined {
  const { own, sharing } = numbering;
  if (!digits.startsWith(own.code)) return undefined;
  return validDigits(digits.slice(own.code.length), sharing[0] ?? own, numbering);
}

function validDigits(number: string, plan: Plan, numbering: Numbering): string | null | undefined {
  const national = nationalOf(number, plan, numbering);
  const { valid } = holderOf(national, numbering) ?? plan;
  if (valid.test(national)) return plan.code + national;
  return numbering.sharing.length > 0 ? undefined : null;
}

/** The number without what is dialled before it inside the region; left as it is where that fits no plan. */
function nationalOf(number: string, plan: Plan, numbering: Numbering): string {
  const bare = withoutPrefix(number, plan);
  if (bare === number || (!plan.general.test(bare) && plan.general.test(number))) return number;
  const { lengths } = holderOf(bare, numbering) ?? plan;
  const possible = lengths.includes(bare.length) || bare.length > (lengths.at(-1) ?? 0);
  return possible ? bare : number;
}

function withoutPrefix(number: string, { prefix, transform }: Plan): string {
  const found = prefix?.exec(number);
  if (!prefix || !found) return number;
  if (transform !== null && found.length > 1 && found.at(-1)) {
    return number.replace(prefix, transform);
  }
  return number.slice(found[0].length);
}

/** Which of the regions that share a calling code has the number; undefined where none is known to. */
function holderOf(national: string, { own, sharing }: Numbering): Plan | undefined {
  if (sharing.length === 0) return own;
  return sharing.find(({ leading, valid }) => (leading ?? valid).test(national));
}

const longest = ({ lengths }: Plan): number => lengths.at(-1) ?? 0;
