import { describe, expect, it } from "vitest";
import type { Field } from "../../lib/define/definition.ts";
import { holdsNumber, holdsOther } from "../../lib/normalize/beside-name.ts";
import { damageOfName } from "../../lib/normalize/damage.ts";
import { normalizeDate } from "../../lib/normalize/date.ts";
import { personName } from "../../lib/normalize/name.ts";
import { nobodysName } from "../../lib/normalize/no-name.ts";
import { normalizePhone } from "../../lib/normalize/phone.ts";
import { nearest } from "../../lib/normalize/status.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";

/** Values that no rule was written by: each was judged by hand first. */

const DAMAGED =
  'DjamÈl ¦ NadËge ¦ FrÈdÈric ¦ GrÈgoire ¦ ZoÈ ¦ AÔssa ¦ MaÔssa ¦ ThÚo ¦ LÚa ¦ AmÚlie ¦ NoÚmie ¦ BenoŒt ¦ CÚline ¦ DÚsirÚ ¦ RenÚe ¦ StÚphane ¦ FranþoisE ¦ JÚrÛme ¦ AnaÔs ¦ MichËle ¦ AgnËs ¦ HervÈ ¦ JosÈphine ¦ RaphaÎl ¦ JoÎl ¦ IsmaÎl ¦ IsraÎl ¦ MikaÎl ¦ AdelaÔde ¦ SaÔd ¦ BelkaÔd ¦ KhaÔra ¦ LaÔd ¦ BoualaÔd ¦ SaŽd ¦ MÈlissa ¦ SolËne ¦ Guillaume FranÁois ¦ DjÈbbar ¦ NaÔm ¦ ZeÔneb ¦ SouÈd ¦ SÈbastien ¦ ArmÈnie ¦ Özdemir Þule ¦ Tuðçe ¦ Iþýl ¦ Kýzýlay ¦ Yaðmur ¦ Nuraðý ¦ Çelikbaþ ¦ Güler Taþ ¦ Karataþ ¦ Ertuðrul ¦ Bayraktaroðlu ¦ Þükran ¦ Ýsmet ¦ Ýnci ¦ Özgün Iþýk ¦ Sabancý Güneþ ¦ Ýlknur ¦ Þerife ¦ Muþtak Gündoðdu ¦ Bülent Ecevýt Öðüt ¦ Procházka Høíbek ¦ Vondráèek ¦ Slavíèková ¦ Matìj Køíž ¦ Bláha Ondøej ¦ Zdenìk ¦ Stìpán ¦ Vrána Kopeèný ¦ Rehoø ¦ Tøebický ¦ Hruška Ko¹ťál ¦ Piotr S³owacki ¦ Stanis³aw ¦ W³adys³aw ¦ Micha³ ¦ Gra¿yna ¦ Bo¿ena ¦ Józef Pi³sudski ¦ Ma³ysz Adam ¦ Kowalczyk Urszulañska ¦ Wojciech Jañczak ¦ Anna Pêkosz ¦ Lõrinczi ¦ Csõsz ¦ Gyõzõ ¦ Erzsébet Tõkés ¦ Szõnyi ¦ Esterházy Ernõ ¦ Bartók Kõszegi ¦ Milo¹eviæ ¦ Koviæ ¦ Radiæ ¦ Ivanoviæ ¦ Dragan Stojkoviæ ¦ Basarab Ghiþã ¦ Ceauºescu ¦ Dragoº ¦ Groºan ¦ Tudor ªerban ¦ Moºescu ¦ Bãlan ¦ Dumitraºcu ¦ Stãnescu ¦ Ghimpeþeanu ¦ Naďm ¦ Anďs Bouchaďb ¦ Maďssa ¦ Zouďna ¦ Thérčse ¦ Michčle ¦ Angčle ¦ Valčre ¦ Marie-Hélčne ¦ Irčne ¦ ÊÇãÑ ¦ ÎÇáÏ ¦ ÃÍãÏ ¦ ãÑíã ¦ íÇÓãíä ¦ ÚÈÏ ÇáÞÇÏÑ ¦ ÈæÚáÇã ¦ ÍÓä ¦ ÏáÇá ¦ Ëíã ¦ Ýí ¦ äì ¦ Ñì ¦ Äìèòðèé ¦ Ñåðãåé ¦ Îëüãà ¦ Àííà ¦ Áîðèñ ¦ ãåëé ¦ Αhmed ¦ Ѕara ¦ Мourad ¦ Rаchid ¦ Yаsmine ¦ Κarim ¦ Fatimа ¦ Nоur ¦ Еlias ¦ Сamelia ¦ Zоhra ¦ Hіba ¦ عليa ¦ bسارة ¦ Ali علیB ¦ Mo*amed ¦ Ka#im ¦ Sa$a ¦ Ya%ine ¦ N@dia ¦ Na^ma ¦ Ra~id ¦ Sa|ra ¦ Kh{led ¦ Am[ne ¦ Am\\ine ¦ Jos\\351 ¦ Fr\\303\\251d\\303\\251ric ¦ Ren\\\'e9 ¦ Zo<U+00EB> ¦ Ai<ef>cha ¦ A+AO8-cha ¦ Fr+AOk-d+AOk-ric ¦ #201;lise ¦ Fran#231;ois ¦ egrave;ve Ali ¦ Agn&egrave;s ¦ Am&eacute;lie ¦ Ren&#xE9; ¦ Andr\\u00E9 ¦ Zo\\xeb ¦ Ren%C3%A9e ¦ Ren=C3=A9e ¦ <i>Omar</i> ¦ <p>Sara</p> ¦ <span class="x">Lina</span> ¦ Omar<br> ¦ <td>Ali</td> ¦ #N/A ¦ #VALUE! ¦ #NAME? ¦ #DIV/0! ¦ [object Object] ¦ [object HTMLElement] ¦ {"nom":"Ali"} ¦ ["Ali","Sara"] ¦ sara.b@example.com ¦ Ali +213559446203 ¦ Sara 05 59 44 62 03 ¦ Ali 12/05/1990 ¦ www.example.com ¦ http://example.com/ali ¦ Omar 19900512 ¦ CHAÃB ¦ MAÃZA ¦ IBÃÑEZ ¦ RODRÃGUEZ ¦ GARCÃA ¦ DÃAZ ¦ ÃLVAREZ ¦ RAÃL ¦ Zo‚ ¦ Ren‚ ¦ H‚lŠne ¦ …ric ¦ Mart·n ¦ Gonz·lez ¦ Andr� ¦ Sa?id ¦ Mo??med ¦ B“chir ¦ Nad©ge ¦ Rac¸id'.split(
    " ¦ ",
  );

/** Names beside which, or in which, stands somebody or something else. */
const NOT_ALONE =
  'Ali et Sara Benali ¦ ALI ET SARA BENALI ¦ Benali et Tarek ¦ Mr & Mrs Smith ¦ M. et Mme Benali ¦ Ali & Sara ¦ Ali&Sara ¦ John and Jane ¦ Hans und Ida ¦ Bo og Ida ¦ Bo och Ida ¦ Ali + Sara ¦ علي و سارة ¦ Ali;Sara ¦ ali; sara ¦ Benali ; Sara ¦ Ali / Sara ¦ ali/sara ¦ Benali M. / Sara ¦ علي / سارة ¦ Ali ／ Sara ¦ Ali ∕ Sara ¦ Peeters/Janssens ¦ Benali (décédé) ¦ Benali DECEDEE ¦ Benali (DCD) ¦ Smith deceased ¦ Benali † ¦ علي متوفى ¦ Benali undefined ¦ Undefined Benali ¦ Sara (null) ¦ Benali null ¦ null Benali ¦ BENALI null ¦ @sara ¦ Sara @sara_b ¦ facebook.com/sara ¦ sara.com ¦ a:2:{i:0;s:3:"Ali";} ¦ s:3:"Ali"; ¦ O:8:"stdClass":0:{}'.split(
    " ¦ ",
  );
/** What only looks so. */
const ALONE =
  "Benali Et Tahar | Hal O'Neil; drop table customers | MOHAMED ET TAYEB | Et-Tayeb | Metin And | And | Etienne Ali | Andy Rand | Ida Ogden | Ortega y Gasset | Costa e Silva | Wa Ali | وليد | Null Jennifer | NULL JENNIFER | ali null | null | (null) | undefined | Céline Cédric | Mercédès | Decedue | J.Com Ali | Sara B. | Dr. Benali | Smith, John Jr. | Benali, Sara | Sara (née Kaci) | Benali ép. Kaci | Benali dit Momo | 't Hooft | @SUM(A1:A9) | =A1&B1 | Andr&eacute; | Fran&#231;ois | R'mila | Ravi s/o Kumar | Devi A/P Raju | Ali / | / Ali | 1/2 Ali | N/A | Ali w/o Sara | Sara / -".split(
    " | ",
  );

const REAL =
  "Djamel | Nadège | Frédéric | Grégoire | Théo | Léa | Noémie | Désirée | Stéphane | Jérémie | Mickaël | Ismaël | Adélaïde | Zeïneb | Khaïra | Aïssa | Belkaïd | Laïd | Mélissa | Solenne | Arménie | Özdemir | Tuğçe | Işıl | Sıtkı | Kızılay | Yağmur | Çelikbaş | Taş | Karataş | Ertuğrul | Bayraktaroğlu | Şükran | İsmet | İnci | Vondráček | Slavíčková | Matěj | Kříž | Zdeněk | Štěpán | Kopečný | Hašek | Řehoř | Třebický | Hruška | Košťál | Słowacki | Stanisław | Grażyna | Piłsudski | Śniadecki | Pękosz | Kędzior | Lőrinczi | Gyöző | Tőkés | Szőnyi | Milošević | Ković | Ghiţă | Ceaușescu | Dragoș | Groșan | Șerban | Bălan | Stănescu | Ghimpețeanu | Þorlákur | Þorkell | Þorgeir | Þorfinnur | Þorgerður | Þengill | Þuríður | Þórunn | Þorgils | Hafþór | Steinþór | Bergþór | Finnþór | Unnþór | Guðlaugur | Guðbjörg | Guðjón | Sæunn | Hjördís | Hrafnhildur | Sveinbjörn | Ásgeir | Ágúst | Álfheiður | Bjarnþór | Eðvarð | Hlöðver | Kjartan | Snæbjörn | Örvar | Óttar | Úlfar | Ýrr | Jóna Sigríður | Røgnvald | Bárður | Jógvan | Høgni | Sólrún | Tróndur | Birgitta Óladóttir | Nguyễn Văn Đức | Phạm Thị Hạnh | Trịnh Quốc Bảo | Đinh Ngọc Ánh | Lê Thùy Dương | Hồ Quỳnh Hương | Vũ Đình Tuấn | Bùi Xuân Trường | Đỗ Mỹ Linh | Ngô Thanh Vân | Lý Nhã Kỳ | Mã Lương | Lã Bố | Tạ Đình Đề | Hà Kiều Anh | Từ Hải | Kỷ Duyên | Thạch Kim | Lữ Bố | Quách Tĩnh | João Paulo | Conceição | Araújo | Magalhães | Antunes Brandão | Ferrão | Galvão | Leão | Simão | Mourão | Patrão | Beltrão | Damião | Assunção | Gusmão | Vilhaça | Caçador | Valença | Lourenço | Mendonça | Quitéria | Flávia | Cláudio | Débora | Tônia | Luísa | Camões | Ávila | Édson | Írís | Ânia | Agnès | Gérard | Noël | Zoë | Siân | Méabh | Ó Briain | O'Brien | D'Angelo | N'Diaye | Sant'Ana | Al-Ḥasan | Ibn Sīnā | Μαρία | Γιώργος | Йосиф | Ірина | Юлія | Ёлкин | Łucja | Ōno | Müllerová | Händel | Šťastný | Čapek | Žďárský | Ďurica | Ľudmila | Ňuňuk | Ćiro | Đokić | Žarko | Čolić | Åke | Öberg | Ærø | Øst | Ödön | Űző | Çağla | Ğani | Ömür | Üzeyir | İpek | Zoltán | Mátyás | Győző | Jenő | Bjarte | Håvard | Frøydis | Øystein | Kåre | Mañuela | Peña | Ordóñez | Güell | Martí | Llàtzer | Ramón y Cajal | José Ángel | Máximo | Íñigo | Úrsula | Rhŷs | Ffïon | Kamalā | Śaṅkara | Nāgārjuna | Ọlá | Adéọlá | Chukwuemeka | Ngũgĩ | Wangarĩ | Mũthoni | Ɛyadema | Kwabena Ɔfori | Ḫālid | ʿAlī | Aʼisha | Qurʾān | Mo‘min | O'g'uz | Zaɣlul | Ǧamila".split(
    " | ",
  );

const phone = (raw: string) => {
  const { phone, alternates, partly, reason } = normalizePhone(raw, "DZ");
  return phone === null ? reason : [phone, ...alternates].join(" ") + (partly ? " partly" : "");
};

const ONE_PHONE =
  '0770112233|0770.11.22.33|0770/112233|(0770)112233|0770-11-22-33|+213770112233|+213 770 11 22 33|00213770112233|00 213 (0)770112233|770112233|tel0770112233|TEL:0770112233|Port. 0770112233|portable:0770112233|Whatsapp +213770112233|0770112233 (mère)|0770112233 appeler le soir|0770112233;|.0770112233|0770112233.|+213-770-112-233|０７７０１１２２３３|٠٧٧٠١١٢٢٣٣|۰۷۷۰۱۱۲۲۳۳|०७७०११२२३३|೦೭೭೦೧೧೨೨೩೩|𝟘𝟟𝟟𝟘𝟙𝟙𝟚𝟚𝟛𝟛|0770112233 ✓|📞0770112233|0770112233 ☎|Mob/0770112233|N° 0770112233|n°tel 0770112233|0770 112 233|077 011 22 33|0770_112_233|0770:112:233|<0770112233>|[0770112233]|\'0770112233\'|"0770112233"|="0770112233"|`0770112233`|0770112233 ?|0770112233??|(0770112233)|{0770112233}|0770112233/|0770112233\\n|tél.:0770112233|Numero0770112233|0770112233DZ|tel 1: 0770112233'.split(
    "|",
  );
const TWO_PHONES =
  '0770112233/0551998877|0770112233-0551998877|0770112233 0551998877|0770112233 et 0551998877|0770112233 & 0551998877|0770112233+0551998877|07701122330551998877|0770112233\t0551998877|0770112233, 0551998877|0770112233 // 0551998877|0770112233 — 0551998877|0770112233·0551998877|0770112233¦0551998877|0770112233<br />0551998877|0770112233</p><p>0551998877|T1 0770112233 T2 0551998877|tel1:0770112233;tel2:0551998877|0770112233 (père) 0551998877 (mère)|père0770112233mère0551998877|0770112233 ou bien 0551998877|["0770112233","0551998877"]|(0770112233)(0551998877)|٠٧٧٠١١٢٢٣٣ / ٠٥٥١٩٩٨٨٧٧|+213770112233+213551998877|00213770112233/00213551998877|0770 11 22 33 / 0551 99 88 77|0770 11 22 33 0551 99 88 77'.split(
    "|",
  );
const NO_PHONE =
  "2001-11-30|30/11/2001|30.11.2001|30-11-2001|30112001|20011130|11/30/2001|2001/11/30|30 11 2001|2001-11-30 08:15|2001-11-30T08:15:00Z|né le 30/11/2001|née le 30 11 2001|20230045|2023-0045|matricule 20230045|Mat: 21450012|CCP 0021450012/45|clé 21450012|compte 21450012|RIB 00799999002145001245|25 000 DA|21450012 DZD|facture 21450012|dossier n° 21450012|21 45 00 12|??????????|##########|?????|\uFFFD\uFFFD|⁰⁷⁷⁰¹¹²²³³|⓪⑦⑦⓪①①②②③③|O770112233|077O112233|0770l12233|077011223A|x0770112233y0|0770112|077011223344|voir fiche|pas de tel|mail@example.com|7.70112233E8|1.0E9|-1|€€€€|☎|NIN 109901234500012345|CNI 21450012|date 21450012|prix: 21450012|code 21450012".split(
    "|",
  );
const ABSENT =
  "nan|NaN|nil|undefined|N.A.|n/c|ND|(null)|<null>|[NULL]|\\N|xx|XXX|-|--|/|//|.|…|_|?|( )|[]|' '|—|«»|null|NULL|N/A|néant|aucun|x|~|=|\"\"|،".split(
    "|",
  );

const DATES: [string, string][] = [
  ["1987-03-09", "1987-03-09"],
  ["1987-03-09T00:00", "1987-03-09"],
  ["1987-03-09T00:00:00.0000000Z", "1987-03-09"],
  ["1987-03-09 00:00:00+00", "1987-03-09"],
  ["1987-03-09 00:00:00 +0100", "1987-03-09"],
  ["1987‑03‑09", "1987-03-09"],
  ["1987—03—09", "1987-03-09"],
  ["\u200F1987-03-09", "1987-03-09"],
  ["1987-03-09\u00A0", "1987-03-09"],
  ["١٩٨٧-٠٣-٠٩", "1987-03-09"],
  ["১৯৮৭-০৩-০৯", "1987-03-09"],
  ["𝟏𝟗𝟖𝟕-𝟎𝟑-𝟎𝟗", "1987-03-09"],
  ["1987-03-09 12:00:00.000000", "1987-03-09"],
  ["1987-03-09 25:00:00", "impossible"],
  ["1987-03-09 12:60", "impossible"],
  ["1987-03-09 99:99:99", "impossible"],
  ["1987-03-09x", "impossible"],
  ["1987-3-9", "impossible"],
  ["09/03/1987", "impossible"],
  ["1987-02-29", "impossible"],
  ["1987-03-08T23:00:00Z", "impossible"],
  ["1987-03-08T22:00:00.000Z", "impossible"],
  ["-", "placeholder"],
  ["--", "placeholder"],
  ["/", "placeholder"],
  ["?", "placeholder"],
  ["n/a", "placeholder"],
  ["N.A", "placeholder"],
  ["NC", "placeholder"],
  ["ND", "placeholder"],
  ["Inconnu", "placeholder"],
  ["inconnue", "placeholder"],
  ["Non renseigné", "placeholder"],
  ["jj/mm/aaaa", "placeholder"],
  ["__/__/____", "placeholder"],
  ["xx/xx/xxxx", "placeholder"],
  ["????", "impossible"],
  ["##########", "impossible"],
  ["0000-00-00", "zero"],
  ["NULL", "missing"],
  ["", "missing"],
  ["\u200B", "missing"],
  ["demain", "impossible"],
  // MySQL's zero date as PHP and .NET write it, and what pandas writes.
  ["-0001-11-30", "zero"],
  ["-0001-11-30 00:00:00", "zero"],
  ["-0001-11-30T00:00:00.000000Z", "zero"],
  ["−0001−11−30", "zero"],
  ["0001-01-01", "zero"],
  ["0001-01-01 00:00:00", "zero"],
  ["0001-01-02", "too_old"],
  ["-0001-11-29", "impossible"],
  ["NaT", "placeholder"],
  ["nan", "placeholder"],
  ["(null)", "placeholder"],
  ["1987-03-09 00:00:00 UTC", "1987-03-09"],
  ["1987-03-08 23:00:00 UTC", "impossible"],
  ["1987-03-09 00:00:00 CET", "impossible"],
  ["1987", "impossible"],
];

const STATUSES: [string, string][] = [
  ["Reporté", "Reporter"],
  ["reportr", "Reporter"],
  ["Repporter", "Reporter"],
  ["Ne repond pas", "Ne répond pas"],
  ["ne répond  pas", "Ne répond pas"],
  ["Ne répnd pas", "Ne répond pas"],
  ["Nouveaux", "nouveau"],
  ["noveau", "nouveau"],
  ["Archivés", "Archivé"],
  ["Arhcivé", "Archivé"],
  ["ARCHIVEE", "Archivé"],
  ["Formé", "Formée"],
  ["Formées", "Formée"],
  ["Confirmée", "Confirmer"],
  ["Déporter", "-"],
  ["Importer", "-"],
  ["Apporter", "-"],
  ["Rapporter", "-"],
  ["Emporter", "-"],
  ["Niveau", "-"],
  ["Firmée", "-"],
  ["Infirmée", "-"],
  ["Difforme", "-"],
  ["Réformé", "-"],
  ["Désarchivée", "-"],
  ["Malformée", "-"],
  ["Dénouveau", "-"],
  ["Affirmer", "-"],
  ["Conformé", "-"],
  ["Transformée", "-"],
];
const LISTED = [
  "Formée",
  "Archivé",
  "Informer",
  "Confirmer",
  "Reporter",
  "Ne répond pas",
  "nouveau",
];

const NOBODY: [string, string | null][] = [
  ["Mr", "Test"],
  ["Mme", "X"],
  ["Test2", "Test3"],
  ["essai essai", null],
  ["t e s t", "x"],
  ["TESTTEST", null],
  ["demodemo", null],
  ["Inсonnu", null],
  ["qwerty", null],
  ["azertyuiop", null],
  ["fghj", null],
  ["mlkj", null],
  ["zxcv", "zxcv"],
  ["sdfsdf", null],
  ["jkljkl", null],
  ["abc", "def"],
  ["q", "s"],
  ["X", "Y"],
  ["aa", "aa"],
  ["kk", "kk"],
  ["..", "Inconnu"],
  ["Non", "renseigné"],
  ["Non", "défini"],
  ["PAS DE NOM", null],
  ["A", "supprimer"],
  ["supprimée", null],
  ["DOUBLON", "Doublon"],
  ["client", "inconnu"],
  ["élève", "test"],
  ["طالب", "مجهول"],
  ["بدون اسم", null],
  ["غير معروف", null],
  ["Sans", "prénom"],
  ["utilisateur", "test"],
  ["Anonyme", "X"],
  ["nom", "test"],
  ["Array", null],
  ["undefined", "null"],
  ["NaN", null],
  ["null null", "null"],
  ["\\N", null],
  ["1234", "5678"],
  ["xxxxxxxx", null],
  ["ssss", "dddd"],
];
const SOMEBODY: [string, string | null][] = [
  ["Ali", null],
  ["Bo", "Li"],
  ["Wu", "Na"],
  ["Su", "Su"],
  ["Ka", "Ba"],
  ["Mr", "Benali"],
  ["Dr", "Ali Omar"],
  ["Nassim", "Testa"],
  ["Clients", "Ali"],
  ["Tess", "Tess"],
  ["Dodo", "Momo"],
  ["Ada", "Eve"],
  ["Hana", "Hana"],
  ["Asma", "Asma"],
  ["Lola", "Lola"],
  ["Fadi", "Fadi"],
  ["Nono", "Bebe"],
  ["Ghita", "Fatah"],
  ["Rety", "Uio"],
  ["Opra", "Zer"],
  ["Wafa", "Safa"],
  ["Noname", "Ali"],
  ["Nonna", "Rosa"],
  ["Anonio", "Ali"],
  ["Sansa", "Nomi"],
  ["L", "Hadj"],
  ["B", "Omar"],
  ["Said", "S"],
  ["Ould", "X Ali"],
  ["طالب", "علي"],
  ["غيرت", "علي"],
  ["Vida", "Vida"],
  ["Formanek", "Jan"],
];
const { placeholders = [] } = ecoin.entity.fields.full_name as Extract<Field, { kind: "name" }>;
const isNobodys = nobodysName(placeholders, true);
const isNone = (parts: readonly (string | null)[]) => {
  const folded = personName(parts)?.folded ?? null;
  return folded === null || isNobodys(folded);
};

describe("D33 values that were not seen before", () => {
  it.each(DAMAGED)("%j is damaged, or no name alone", (name) => {
    expect(damageOfName(name) !== null || holdsOther(name)).toBe(true);
  });

  it.each(REAL)("%j is a name, in either case", (name) => {
    for (const spelling of [name, name.toUpperCase()])
      expect([damageOfName(spelling), holdsOther(spelling)]).toEqual([null, false]);
  });

  it.each(NOT_ALONE)("%j is not a name alone", (name) => expect(holdsOther(name)).toBe(true));
  it.each(ALONE)("in %j nothing else stands", (name) => expect(holdsOther(name)).toBe(false));

  it.each(["Benali2", "Ali 2", "Ali (2)", "M0hamed", "B3nali Sara", "٢ علي", "Sara_2"])(
    "in %j stands a number",
    (name) => expect(holdsNumber(name)).toBe(true),
  );
  it.each([
    "Louis XIV",
    "Ali",
    "12",
    "=1+1",
    "Andr%C3%A9",
    "&#1587;",
    "Fcº Javier",
    "Ali²",
    "🌸 1",
  ])("in %j stands none beside letters alone", (name) => expect(holdsNumber(name)).toBe(false));

  it.each(ONE_PHONE)("D3 %j is one phone", (raw) => expect(phone(raw)).toBe("213770112233"));
  it.each(TWO_PHONES)("D3 %j is two phones", (raw) =>
    expect(phone(raw)).toBe("213770112233 213551998877"),
  );
  it.each(NO_PHONE)("D3 %j is something, and no phone", (raw) =>
    expect(phone(raw)).toMatch(/^(?:not_a_number|malformed|too_short|too_long)$/),
  );
  it.each(ABSENT)("D3 %j is no phone at all", (raw) => expect(phone(raw)).toBe("missing"));

  it.each(DATES)("D9 %j as a birth date: %s", (raw, wanted) => {
    const { date, reason } = normalizeDate(raw, "2026-11-26");
    expect(date ?? reason).toBe(wanted);
  });

  it.each(STATUSES)("D2 %j is near to %s", (text, wanted) => {
    expect(nearest(text, LISTED)?.word ?? "-").toBe(wanted);
  });

  it.each(NOBODY)("D9 %s %s is nobody", (...parts) => expect(isNone(parts)).toBe(true));
  it.each(SOMEBODY)("D9 %s %s is somebody", (...parts) => expect(isNone(parts)).toBe(false));
});
