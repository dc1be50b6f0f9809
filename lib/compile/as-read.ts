/** Characters that show nothing, and blanks, as the import takes them; the inside of a bracket expression. */
const INVISIBLE =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0" +
  "\\ufff0-\\ufff8\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff";
/** Scripts of which joiners are letters, and pictures of which they make one: they stay where they say something. */
const JOINED =
  "\\u0600-\\u08ff\\u0900-\\u0dff\\u0f00-\\u109f\\u1780-\\u18af\\ufb50-\\ufdff\\ufe70-\\ufefc";
const HAN = "\\u3007\\u3400-\\u9fff\\uf900-\\ufaff\\U00020000-\\U0003ffff";
const PICTURES = "\\u00a9\\u00ae\\u203c-\\u3299\\U0001f000-\\U0001faff";
/** What a field of texts leaves out, as a pattern. */
const LEFT_OUT = [
  "[\\u0001-\\u0008\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0d\\ufeff\\uffa0\\ufff0-\\ufff8]",
  "[\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e001f\\U000e0080-\\U000e00ff\\U000e01f0-\\U000e0fff]",
  "(?<!\\U0001f3f4[\\U000e0020-\\U000e007e]{0,7})[\\U000e0020-\\U000e007f]",
  `(?<![${HAN}])[\\U000e0100-\\U000e01ef]`,
  `(?<![${JOINED}])[\\u180b-\\u180d\\u180f]`,
  `\\u200c(?![${JOINED}])`,
  `(?<![${JOINED}])\\u200c`,
  `\\u200d(?![${JOINED}${PICTURES}])`,
  `(?<![${JOINED}${PICTURES}\\ufe0f])\\u200d`,
  `(?<![#*0-9${PICTURES}])[\\ufe0e\\ufe0f]`,
].join("|");
const BLANK = "\\s\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const seen = (text: string, but = `[${INVISIBLE}]`): string =>
  `normalize(regexp_replace(${text}, '${but}', '', 'g'), NFC)`;
const trimmed = (text: string): string =>
  `regexp_replace(${text}, '^[${BLANK}]+|[${BLANK}]+$', '', 'g')`;

/**
 * A text in small letters, as SQL, as the import writes them: by the database's own language, as in Turkish or by none,
 * `I` and `É` may have others.
 */
export const smallLetters = (text: string): string =>
  `(lower((${text}) collate "und-x-icu") collate "default")`;

/** An address, as SQL, as the import would read it (D4): most are nothing but plain characters. */
export const addressAsRead = (email: string): string =>
  `(case when ${email} ~ '^[!-~]*$' then lower(${email} collate "C") collate "default" else ${smallLetters(trimmed(seen(email)))} end)`;

/**
 * A key as a field of texts would read it, without what is not seen and with one blank between words. A row under a key that
 * is another one is meant by what names it so, too: where another one has the key itself, nobody can tell which.
 */
export const keyAsRead = (key: string): string =>
  `(case when ${key} ~ '^[!-~]*$' then ${key} else ${trimmed(`regexp_replace(${seen(key, LEFT_OUT)}, '[${BLANK}]+', ' ', 'g')`)} end)`;

/** Whether {@link keyAsRead} reads a text as another one, as SQL: it has blanks around it or several together, or what is not seen. */
export const isUntidy = (text: string): string =>
  `(${text} !~ '^[!-~]+( [!-~]+)*$' and ${text} <> ${keyAsRead(text)})`;
