import { identifier, literals } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { mainField, nameForms } from "../columns.ts";

/** Letters of one script each: names in different scripts have no word to share. */
const SCRIPTS = [
  "a-z\u00df-\u024f",
  "\u0600-\u06ff",
  "\u0400-\u04ff",
  "\u0370-\u03ff",
  "\u2d30-\u2d7f",
];

/** Words that many names have and that say nothing of whose a name is. */
const NOBODYS = (
  "el al ul ad an ar as at az ech ed en er es ez abd abdel abdul ben bin bent bint ibn beni bou abou abu ould oulad ouled ait aid hadj hadja haj si sidi lalla " +
  "de la le les du des da do dos das del di van von der den ter ten zu af av y e i " +
  "m mr mrs ms mme mlle melle monsieur madame mademoiselle dr pr prof me ال بن ابن بنت ولد ابو أبو السيد السيدة"
).split(" ");

/** What addresses of a desk begin with (RFC 2142, and words of offices): whoever answers there has them. */
const DESKS = (
  "info infos information contact contacts kontakt contacto contatto hello mail office admin administration administrator " +
  "webmaster postmaster hostmaster abuse noreply no-reply donotreply sales support service services help helpdesk team " +
  "marketing press billing accounting accounts invoices jobs hr rh enquiries inquiries reception secretary secretariat " +
  "secretariaat sekretariat accueil direction directie bureau buero onthaal compta comptabilite empfang kanzlei"
).split(" ");

/**
 * Whether the person `p` with the row's contact is another one than the row `s` (D32): both birth dates
 * are known and differ, or the names, of one script, share no word. Words that were put together or taken
 * apart are one (`Ben Zedr`, `Benzedr`). So is one of a family whose phone it is: both names have words that the other
 * lacks, and none of these is like one of those (`Sara Benali`, `Ali Benali`). Where nothing but the address of a desk is the
 * same, `info@firm.example`, so is everybody of another name, however alike.
 */
export function contradiction(migration: Migration): string {
  const born = mainField(migration, "birth_date");
  const named = mainField(migration, "name");
  const contradictions: string[] = [];
  if (born !== undefined) {
    const believed = `not coalesce(jsonb_exists(s.findings, 'birth_date_implausible'), false)`;
    contradictions.push(`(s.${identifier(born)} <> p.birth_date and ${believed})`);
  }
  if (named !== undefined) {
    const { folded: own, key } = nameForms(migration, named);
    const folded = `s.${own}`;
    // Nearly all share a word: what costs more is looked at of the others.
    contradictions.push(`(not string_to_array(${folded}, ' ') && string_to_array(p.name_folded, ' ')
               and ${ofOneScript(folded, "p.name_folded")}
               and not ${putTogether(folded)} && ${putTogether("p.name_folded")})`);
    contradictions.push(`(s.${key} is distinct from p.name_key and split_part(p.email, '@', 1) in (${literals(DESKS)})
               and not exists (
                 select from wavegate.duplicate_hints o
                  where o.run_id = p.run_id and o.staged_id = s.id and o.target_table = p.target_table
                    and o.target_id = p.target_id and o.level = 'high' and o.rule <> 'same_email'))`);
    const field = migration.entity.fields[named];
    const parts = field?.kind === "name" ? field.parts.length : 1;
    contradictions.push(
      `(s.${key} is distinct from p.name_key and ${isOfFamily(folded, "p.name_folded", parts)})`,
    );
  }
  return contradictions.join("\n           or ") || "false";
}

const ofOneScript = (one: string, other: string): string =>
  `(${SCRIPTS.map((script) => `(${one} ~ '[${script}]' and ${other} ~ '[${script}]')`).join(" or ")})`;

/**
 * Whether each of two names has words that the other lacks, and none of one side is like one of the other. Where a name has
 * a part for the first name, that stands last: one that both have is somebody who may have married.
 */
function isOfFamily(own: string, theirs: string, parts: number): string {
  const [ours, others] = [own, theirs].map((folded) => `string_to_array(${folded}, ' ')`);
  const left = (word: string, but: string) =>
    `${word} <> all (${but}) and ${word} not in (${literals(NOBODYS)})`;
  const first = parts > 1 ? `(${ours})[cardinality(${ours})] <> all (${others}) and ` : "";
  return `${first}coalesce((
               select not bool_or(${areAlike})
                 from (select word as a, ${asSpoken("word")} as spoken_a from unnest(${ours}) o(word) where ${left("word", others as string)} offset 0) own
                 cross join (select word as b, ${asSpoken("word")} as spoken_b from unnest(${others}) o(word) where ${left("word", ours as string)} offset 0) theirs
                where ${ofOneScript("a", "b")}), false)`;
}

/** An initial, one that was put together with what stands before it, or the same as it is spoken but for one edit of five letters. */
const areAlike = `
                   (least(length(a), length(b)) = 1 and left(a, 1) = left(b, 1))
                or (length(a) >= 4 and right(b, length(a)) = a) or (length(b) >= 4 and right(a, length(b)) = b)
                or spoken_a = spoken_b
                or (least(length(spoken_a), length(spoken_b)) >= 5 and not ${areOfTwo("a", "b")}
                    and levenshtein_less_equal(left(spoken_a, 63), left(spoken_b, 63), 1) <= 1)`;

/** Whether one is the name of a man and the other that of a woman: `Karim` and `Karima`, `Amine` and `Amina`. */
function areOfTwo(a: string, b: string): string {
  const longer = (one: string, other: string) =>
    `${one} = ${other} || right(${one}, 1) and right(${one}, 1) in ('a', 'e', 'ة')`;
  return `(${longer(a, b)} or ${longer(b, a)}
                    or left(${a}, -1) = left(${b}, -1) and right(${a}, 1) || right(${b}, 1) in ('ae', 'ea', 'ao', 'oa'))`;
}

/** How a name sounds, whoever wrote it down: `Khadidja`, `Khadija`; `Yacine`, `Yassine`; `Med`. */
function asSpoken(word: string): string {
  const steps: [pattern: string, becomes: string][] = [
    ["^(?:med|md|mhd|mohd|mhmd)$", "mohamed"],
    ["[أإآ]", "ا"],
    ["ى", "ي"],
    ["ph", "f"],
    ["ch|sh", "x"],
    ["dj", "j"],
    ["kh|q|c(?![eiy])", "k"],
    ["c", "s"],
    ["gh", "g"],
    ["ou|oo|w", "u"],
    ["ei|ay|ai|ee|y", "i"],
    ["(?<=[aeiou])h$", ""],
    ["(.)\\1+", "\\1"],
  ];
  return steps.reduce(
    (text, [pattern, becomes]) => `regexp_replace(${text}, '${pattern}', '${becomes}', 'g')`,
    word,
  );
}

/** The words of a folded name, and each up to four that stand beside each other as one. */
const putTogether = (folded: string): string =>
  `(select array_agg((select string_agg(word, '' order by at)
                                     from unnest(words) with ordinality each (word, at)
                                    where at between first and first + more))
                          from (select string_to_array(${folded}, ' ') as words) split
                         cross join lateral generate_series(1, least(cardinality(words), 12)) first
                         cross join generate_series(0, 3) more)`;
