const words = (text: string): string[] => text.split(/\s*,\s*/);

/** What was entered for want of a name; `*` is any word. */
export const noNames: readonly string[] = [
  // Tries.
  ...words(
    "test, tests, testing, tester, teste, essai, essais, demo, exemple, example, sample, dummy, fake",
  ),
  ...words(
    "blabla, bla, toto, foo bar, foo bar baz, lorem, ipsum, xyz, ecoin, ecole, centre, formation",
  ),
  // Nobody known.
  ...words(
    "inconnu, inconnue, inconnus, anonyme, anonymes, anon, unknown, anonymous, nan, none, null",
  ),
  ...words("undefined, indefini, indefinie, vide, rien, aucun, aucune, neant, array, object"),
  ...words(
    "nc, nd, nr, na, nsp, snp, s n p, fnu, lnu, tbd, n c, n d, n r, n a, n s p, non *, pas de *, pas renseigne, pas renseignee",
  ),
  ...words(
    "sans nom, sans prenom, sans identite, sans information, no name, no data, not available",
  ),
  ...words(
    "a completer, a remplir, a definir, a renseigner, a determiner, a verifier, a confirmer",
  ),
  // What programs and spreadsheets write, what stands for the row above, and what is not to be touched.
  ...words("nil, true, false, vrai, faux, idem, fictif, fictive, qa, compte, account, do not use"),
  ...words("do not delete, ne pas utiliser, ne pas supprimer, ne pas toucher"),
  // What a column is called, and who somebody is.
  ...words(
    "nom, prenom, name, first name, last name, full name, john doe, jane doe, nouveau, nouvelle",
  ),
  ...words(
    "stagiaire, stagiaires, client, clients, cliente, etudiant, etudiante, eleve, eleves, apprenant, apprenante",
  ),
  ...words(
    "personne, mr, mme, mlle, monsieur, madame, dr, pr, user, users, utilisateur, admin, guest, invite, visiteur",
  ),
  // What was to go.
  ...words(
    "doublon, doublons, double, duplicate, supprime, supprimee, a supprimer, a effacer, efface, effacee",
  ),
  ...words("deleted, delete, annule, annulee, archive, archivee, a archiver, remove, removed"),
  ...words(
    "مجهول, مجهولة, تجربة, تجريبي, تجريبية, اختبار, تست, اسم, الاسم, اللقب, لا اسم, لا يوجد, لا شيء",
  ),
  ...words(
    "بدون, بدون *, بلا, بلا *, غير *, طالب, طالبة, زبون, زبونة, تلميذ, تلميذة, مستخدم, متدرب, متدربة",
  ),
  ...words("مكرر, مكررة, محذوف, محذوفة, شخص, فلان, فلانة"),
];

/** What the code of a session holds, or with `=` is, that is a waiting list or not planned yet: listed, for a person. */
export const waiting: readonly string[] = [
  ...words(
    "attente, attent, attend, waiting, waitlist, wait, wl, w l, wlist, att, atte, satt, la, l a",
  ),
  ...words(
    "standby, stand by, pending, on hold, hold, reserve, provisoire, tbd, t b d, tba, t b a",
  ),
  ...words("a definir, a planifier, a determiner, a programmer, a venir, a confirmer, a affecter"),
  ...words("non affecte, non planifie, non defini, non programme, pas de session, sans session"),
  ...words(
    "aucune, aucun, neant, null, none, =n a, =na, =n d, =nd, =nc, =xxx, =xx, =x, =test, =essai, =sans, =divers",
  ),
  ...words(
    "انتظار, إنتظار, قائمة الانتظار, احتياط, إحتياط, غير محدد, غير محددة, مؤجل, مؤجلة, =بدون",
  ),
];
