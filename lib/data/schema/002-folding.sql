-- Names as they are compared (D5): the same result as foldName in lib/normalize, held by a test.
create or replace function wavegate.fold_name(name text) returns text
language sql immutable parallel safe as $$
  select case
    when name ~ '^[A-Za-z]+( [A-Za-z]+)*$' then lower(name)
    else btrim(regexp_replace(
      replace(replace(lower(normalize(regexp_replace(
        normalize(name, NFKD),
        -- Diacritics; then what only decorates Arabic words. Hamza and madda are parts of letters.
        '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]',
        '', 'g'), NFC) collate "und-x-icu"), 'ß', 'ss'), 'ς', 'σ'),
      '[^[:alnum:]\u0653-\u0655]+', ' ', 'g'))
  end
$$;

-- Labels of things as they are compared (D34): letters are folded as in names, and what means something
-- counts: C, C++, C#, C♯ and C* are five, and so are `A & B`, `50 %`, `A-` and `.NET` none of `A B`, `50`, `A`
-- and `NET`. Only what stands between words is a space, and a dash or a dot that stands before or behind one
-- alone is none of it.
create or replace function wavegate.fold_label(label text) returns text
language sql immutable parallel safe as $$
  -- Signs pass through as two letters that no label has: Yi signs, which nothing folds.
  select btrim(translate(regexp_replace(
    regexp_replace(regexp_replace(regexp_replace(
      replace(replace(lower(normalize(regexp_replace(
        translate(normalize(label, NFKD), '‐‑‒–—―−', '-------'),
        '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]',
        '', 'g'), NFC) collate "und-x-icu"), 'ß', 'ss'), 'ς', 'σ'),
      '([[:alnum:]])-(?=\s|$)', '\1ꀀ', 'g'),
      '(^|\s)-(?=[0-9])', '\1ꀀ', 'g'),
      '(^|\s)\.(?=[[:alnum:]])', '\1ꀁ', 'g'),
    '[[:space:][:cntrl:]_.,;:''"’‘“”„«»(){}/\\!?¡¿·…´`\[\]-]+', ' ', 'g'), 'ꀀꀁ', '-.'))
$$;

-- What is left of a raw phone for comparing raw phones: its digits, or else its text (D6).
create or replace function wavegate.raw_phone_key(phone text) returns text
language sql immutable parallel safe as $$
  select coalesce(nullif(regexp_replace(phone, '[^0-9]', '', 'g'), ''), nullif(lower(btrim(phone)), ''))
$$;
