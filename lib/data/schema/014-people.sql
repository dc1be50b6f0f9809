-- How a name looks, whoever reads it (Unicode, UTS 39): names that look alike are one name for whoever approves, and
-- for whoever reads an audit log. Without case, accents, blanks and what cannot be seen; letters of other scripts are
-- those that they look like, and so are figures and pairs of letters. The pairs of single letters are those of
-- Unicode's confusables.txt.
create or replace function wavegate.name_looks(name text) returns text
language sql immutable parallel safe set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select replace(replace(translate(translate(
      lower(regexp_replace(normalize(name, NFKD),
        '[\s\u00ad\u034f\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff\u2000-\u200f\u2028-\u202f\u205f-\u206f\u20d0-\u20ff\u2800\u3000\u3164\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]',
        '', 'g') collate "und-x-icu"),
        '¢¥×ðøđħıłŧƀƃƅƌƍƒƙƚƞƥƨƭƴƶƻƽƿǀǃǥȝȣȥȼɂɇɉɍɏɑɓɖɗəɛɜɠɡɣɦɨɩɪɫɭɯɲɳɵɼɽʀʂʈʉʋʏʐʒʔʝʠʹʻʼʽʾ˂˃˄ˆˈˊˋː˗˴˸ͱͷ'
        'ͻͽαβγδεζηθικλμνορςστυφχωϛϝϩϳϸϻабвгезиклмнопрстуфхьяєѕіјћѡѣѱѳѵѽҋҍғҗҙқҟңҫҭүұҳһҽҿӆӈӊӌӎӏәӡөԁԋԍ'
        'ԑԛԝ՚՝ագզծհյոպռստցփքօ։׀׃וטיןס׳؍؏اثشؽؿهي٠١٥٧٨٫٭ٮٯٳٹپځڅڈڋڎڑڒژڞڟڤڧڨکڪڭڴڵڷںڻڽھہۃۆۇۈۉۋیێېۑے۔ەۮۯ۰'
        '۱۲۳۴۵۶۷۸۹۽۾ۿ܁܂܃܄ݑݖݢݣݧݨݩݬݱݲݾ߀ߊߴߵߺࢡࢤࢧࢨࢩࢮࢯࢰࢱࢲࢶࢷࢹࢺࢻࢼࢽ०ॽ০৪৭੦੧੪૦ଠ୦୨௦౦೦ഠ൦൭๐໐တဝ၀ყჳჿሀዐᏸᏺᏻᏼ᐀ᐯᐳᐸᑊᑌᑭᑯᑲ'
        'ᑳᒍᒪᒿᕁᕼᕽᖇᖯᖴᗅᗞᗪᗰᗷ᙭᙮ᚲᚷᛁᛌᛕᛖ᛬᛭᜵᠃᠉ᴄᴈᴋᴍᴏᴐᴑᴜᴠᴡᴢᴤᴦᴧᴨᴩᴫᵮᵰᵲᵳᵴᵵᵶᵻᵼᵽᵾᵿᶃᶌᶐẝỿ‐‒–—‘’‚‛′‵‹›⁁⁃⁄⁎⁓⁚₡₩₫₭₮℮ↄ−∔∕'
        '∖∗∣∨∪∶∸∼≐≑≗≙≚≞⊖⊝⊤⋁⋃⋿⍡⍨⍬⍳⍴⍶⍸⍺⏽│╱╳❨❩❮❯❲❳❴❵➕➖⟋⟍⟙⤫⤬⧵⧶⧸⧹⨢⨣⨤⨥⨦⨩⨪⨯⨰⩪⩮ⱦⱨⱪⲅⲏⲓⲕⲙⲛⲟⲣⲥⲧⲩⲭⲻⳇⳋⳍⳑⳓⴀⴱⴸⴹⵁⵏⵑ'
        'ⵔⵕⵝ⸚⸞⸟⹀〇〔〕〳゠ノ㇓㇔丶丿ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴꓸꓹꓽ꓿꘎ꙅꙇꙍꙩꚕꛟꛫꛯꜱꝁꝋꝛꝡꝫꝯꝸ꞉ꞌꞕꞙꞝꞟꞵꞷꬲꬵꬽꬾꬿꭇꭈꭍꭎꭒꭓꭕꭚꭠꭰꭱꭲꭴ'
        'ꭵꭸꭹꭺꭻꭼꭾꮀꮁꮃꮇꮋꮍꮎꮏꮐꮒꮓꮗꮛꮜꮞꮟꮢꮤꮥꮩꮪꮮꮯꮲꮶꮷꮻꮾ﴾﴿',
        'cyxdodhiltbbbdgfklnp2tyz25þl!g38zc?ejryabddǝꞓ3ggyhiiillwnnorrrstuuyz3?jq''''''''''<>^^'''''':-'':ⱶᴎ'
        'ɔꜿabyẟezhoikʌmnopcctuɸxꮿcf2jþma6bre3ᴎkʌmhoπpctyɸxbᴙꞓsijhwbψovwᴎbrж3kkhctyyxheeʌhhҷmiǝ3odƕg'
        'ꞓqw''''wqqẟhȷnɰnusgɸfo:l:lv''lo'',عlىسىىoى.lovʌ,*ىڡlىىححدڊدرررصطڡفڡكككگللىىىooةوووووىىٻىى-oدر.'
        'l٢٣٤o٦vʌ٩ءمo..::بىڬكݔننرڗحسol''''_بڢمىݔدصگوزبىرىڡڡىo?o89o98ooo9ooooo9oooooy3ouoßhgb=v><''updb'
        'bjl2xhxrbfaddmbxx<xl''km:+/::c3ĸʍoɔouvwz2rʌπᴘʌfnrɾstziipuʊgyɋfy----'''',''''''<>/-/*~:cwdkteɔ-+/'
        '\*lvu:-~======ootvuet~oipaiall/x()<>(){}+-/\txx\//\+++++--xx~=thkrhlkmnopctyx-/93l6ꞇoveol!'
        'oqx-~~=o()/=//\\/bpddtgkjczfmnlsrvhwxyaelou.,:=.2iꮿʘhv?2sko2w39&:''ꜧfʚubꮿefooɔrrʃuuxxyљdrto'
        'iⱶyaje?ⱶrwmhyoƫghzwꞓu4brwsvslcpkdo6()'),
      'i1|!0', 'llllo'), 'rn', 'm'), 'vv', 'w')
$$;

-- The person whose name looks like another one, which is not the same; null for none. Two names are nobody's: the logs
-- call the engine and whoever knows the administrator's password so.
create or replace function wavegate.looks_like(name text) returns text
language sql stable set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select n.name
    from (select p.name from wavegate.people p where p.name <> looks_like.name
          union all values ('wavegate'), ('administrator')) n (name)
   where wavegate.name_looks(n.name) = wavegate.name_looks(looks_like.name)
   order by 1 limit 1
$$;

-- Two people are never told apart by what nobody sees (W8).
create or replace function wavegate.refuse_look_alikes() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  -- Of two that are added at once the second looks behind the first.
  perform wavegate.take_turn('00000000-0000-0000-0000-000000000001');
  -- Who is there already is changed, and may lose what they hold.
  if exists (select from wavegate.people p where p.name = new.name) then return new; end if;
  if wavegate.name_looks(new.name) = '' or wavegate.looks_like(new.name) is not null then
    raise exception 'a name that looks like another one is refused' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create or replace trigger no_look_alikes before insert or update of name on wavegate.people
  for each row execute function wavegate.refuse_look_alikes();

-- Every name with every address that somebody ever had, also of people who are gone: whoever started a run and is
-- called otherwise since, or has a second account at one address, is no second person (W8).
create table if not exists wavegate.people_known (
  name    text not null,
  email   text not null,
  since   timestamptz not null default now(),
  -- As in foldPerson of lib/evidence/same-person.ts.
  own     text not null generated always as (lower(btrim(normalize(name, NFKC)) collate "und-x-icu")) stored,
  address text not null generated always as (lower(btrim(normalize(email, NFKC)) collate "und-x-icu")) stored,
  looks   text not null generated always as (wavegate.name_looks(name)) stored,
  primary key (name, email)
);
insert into wavegate.people_known (name, email) select p.name, p.email from wavegate.people p on conflict do nothing;

create or replace function wavegate.note_person_known() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
begin
  insert into wavegate.people_known (name, email) values (new.name, new.email) on conflict do nothing;
  return null;
end $$;
create or replace trigger person_known after insert or update on wavegate.people
  for each row execute function wavegate.note_person_known();

-- An address is kept as mail is sent to it, whoever writes it: in letters of its own its domain would be another
-- mailbox's. Earlier ones are written so by the set-up (lib/review/people/people.ts).
alter table wavegate.people drop constraint if exists people_domain_as_sent;
alter table wavegate.people add constraint people_domain_as_sent
  check (substring(email from '[^@]*$') !~ '[^\x01-\x7f]') not valid;

-- The mailbox of an address: what stands behind a plus is the reader's own, and so is what the mail's provider says it
-- does not read, and under which of its names. Of what is no address itself.
create or replace function wavegate.mailbox(address text) returns text
language sql immutable parallel safe set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  select case when position('@' in address) = 0 then address
              when m.domain in ('gmail.com', 'googlemail.com') then replace(m.own, '.', '') || '@gmail.com'
              when m.domain in ('proton.me', 'protonmail.com', 'pm.me') then translate(m.own, '.-_', '') || '@proton.me'
              when m.domain in ('icloud.com', 'me.com', 'mac.com') then m.own || '@icloud.com'
              when m.domain ~ '^(ya\.ru|yandex\.(ru|com|by|kz|ua))$' then replace(m.own, '.', '-') || '@yandex.ru'
              else m.own || '@' || m.domain end
    from (select regexp_replace(regexp_replace(address, '@[^@]*$', ''), '^([^+]+)\+.*$', '\1') as own,
                 rtrim(substring(address from '[^@]*$'), '.') as domain) m
$$;

-- The names and addresses, folded, that somebody was ever known by: by the same mailbox, or by a name that looks the
-- same, as often as it takes.
create or replace function wavegate.known_as(person text) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on as $$
  with recursive known as materialized (
    -- Each mailbox once: everybody is held against everybody.
    select k.name, k.own, k.address, k.looks, wavegate.mailbox(k.address) as box, wavegate.mailbox(k.own) as own_box
      from wavegate.people_known k),
  same as (
    select k.own, k.address, k.looks, k.box, k.own_box from known k where k.name = person
    union
    select k.own, k.address, k.looks, k.box, k.own_box
      from same s join known k
        on k.box in (s.box, s.own_box) or k.own_box in (s.box, s.own_box) or k.looks = s.looks)
  select coalesce(jsonb_agg(distinct w.word), '[]') from same s cross join lateral (values (s.own), (s.address)) w (word)
$$;
