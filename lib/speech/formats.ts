import type { Language } from "./language.ts";

/** How numbers are written. */
interface Formats {
  /** `12,345` */
  readonly count: (value: number) => string;
  /** A number with three decimals at most. */
  readonly figure: (value: number) => string;
  /** A share (0–1); never rounded to 0 % or 100 % when it is not. */
  readonly percent: (share: number) => string;
  /** A size, e.g. `1.4 MB`. */
  readonly bytes: (size: number) => string;
}

function formats(locale: string, byte: string): Formats {
  const count = (value: number) => value.toLocaleString(locale);
  const few = (value: number) => value.toLocaleString(locale, { maximumFractionDigits: 1 });
  return {
    count,
    figure: (value) => value.toLocaleString(locale, { maximumFractionDigits: 3 }),
    bytes: (size) =>
      size < 1_000
        ? `${count(size)} ${byte}`
        : size < 1_000_000
          ? `${few(size / 1_000)} k${byte}`
          : `${few(size / 1_000_000)} M${byte}`,
    percent(share) {
      const value = share * 100;
      if (value > 0 && value < 0.1) return `< ${few(0.1)} %`;
      if (value < 100 && value > 99.9) return `> ${few(99.9)} %`;
      return `${few(value)} %`;
    },
  };
}

/** The formats of each language. */
export const formatsIn: Readonly<Record<Language, Formats>> = {
  en: formats("en-GB", "B"),
  fr: formats("fr-FR", "o"),
};
