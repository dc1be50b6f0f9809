import { landmark as row } from "./landmark.ts";

/** Birth dates that are none, and names that are markup, formulas, SQL, or nothing. */
export const people = [
  row(78, "Ubeid", "Naziha", { birth: "0000-00-00", createdAt: "0000-00-00 00:00:00" }),
  row(79, "Valoum", "Ishak", { birth: "2023-02-30" }),
  row(80, "Wezzani", "Asma", { birth: "2099-05-01" }),
  row(81, "Xifoune", "Larbi", { birth: "1890-01-01" }),
  row(82, "Yettou", "Chafia", { birth: null }),
  row(83, "<script>alert(1)</script>", "Yasmine"),
  row(84, '=HYPERLINK("http://evil.example","x")', "Djaouida"),
  row(85, "+cmd|' /C calc'!A0", "Messaoud"),
  row(86, "@SUM(A1:A9)", "Habiba"),
  row(87, "Robert'); DROP TABLE stagiaires;--", "Abdenour"),
  row(88, "Zemmouchi", "Lina 🌸"),
  row(89, "\u202Eآمال\u202C", "Chérif"),
  row(90, "Ben\u0000amarouche", "Sadek"),
  row(91, "Tres-long-nom-de-famille-".repeat(7).slice(0, 170), "Philomena"),
  row(92, "/", "-"),
  row(93, null, null),
  row(94, "NULL", "x"),
  row(95, "", "Djamila"),
  row(96, "مزيان", "كريمة"),
  row(97, "😀", null),
];
