import { absent, type Normalized, presentText } from "./value.ts";

const HEX =
  /^(?:urn:uuid:)?(?:\{([0-9a-f-]{36})\}|([0-9a-f]{32})|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))$/;

/** A UUID in lower case with its hyphens; braces, `urn:uuid:` and none of the hyphens are other ways to write it. */
export function normalizeUuid(raw: string | null): Normalized<"unreadable"> {
  const text = presentText(raw);
  if (text === null) return absent;
  const [, braced, plain, usual] = HEX.exec(text.toLowerCase()) ?? [];
  if (usual !== undefined) return { value: usual, reason: null };
  if (plain !== undefined) return { value: hyphened(plain), reason: null };
  return braced === undefined ? { value: null, reason: "unreadable" } : normalizeUuid(braced);
}

const hyphened = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    "-",
  );
