/** Names as people have them, of many languages: none of them is damaged, in either case. */
export const NAMES: Readonly<Record<string, string>> = {
  french:
    "Élise Hélène Thérèse Agnès Joëlle Gaëlle Raphaël Noël Aïcha Naïma Loïc Anaïs Benoît Maïté Chloé Zoé François Françoise Jérôme Côme Geneviève Irène Solène Étienne Aimée Œdipe Lætitia Bœuf Schœlcher Gœthe Kœnig Fañch L’Haÿ Croÿ Anthême Eugène Grégoire Gwenaël Hervé",
  maghreb:
    "Belaïd Saïd Bénaïssa Chérif Zéroual Aït-Ahmed Boukhalfa Djaâfar Ouïza Messaâd Naâma Benkhéfallah Kaïs Taïeb Mahiédine Zoubéïda Ɛli Ḥamid Ṭariq",
  spanish:
    "José María Jesús Martínez Hernández Núñez Muñoz Ibáñez Begoña Iñaki Raúl Óscar Ángel Agüero Rodríguez Gómez García Sofía Inés Andrés Nicolás Ñíguez",
  catalan: "Mercè Núria Àlex Èric Òscar Ramírez Llüís Lluís Col·lell Jordà",
  portuguese:
    "João Simões Guimarães Magalhães Conceição Assunção Sebastião Cauã Romã Ângela Antônio António Inês Gonçalves Falcão Camões Leitão Irmã Luís Márcio Mônica Júlia",
  italian: "Nicolò Mosè Giosuè Noè Cantù Gesù Forlì Salomè D’Alò Zanfrà",
  german: "Müller Jürgen Schröder Käthe Weiß Groß Böhm Günther Jäger Özil Strauß",
  dutch: "Daniëlle Zoë Coëlho Koën Reünie Ölçer",
  scandinavian:
    "Søren Bjørn Øyvind Åsa Ærø Jørgensen Håkon Kjær Lærke Sjöström Ångström Björk Göran Märta Bøe Høeg Sæther Rødgård Frøydis Åse",
  icelandic:
    "Þór Þórður Þorsteinn Þorvaldur Þuríður Þóra Þorbjörg Þráinn Þröstur Eyþór Arnþór Sigþór Guðmundur Guðrún Guðný Sigurður Sigríður Auðólfur Auður Héðinn Davíð Friðrik Heiðrún Ragnheiður Böðvar Hörður Njörður Garðar Lýður Dýrleif Týr Ýr Ýmir Signý Æsa Örn Ólafur Jóhannsdóttir Ástríður Bergþóra Jákup Høgni Óðinn Viðar",
  turkish:
    "Şahin Şener Gülşen Yıldız Aydın Doğan Erdoğan Çağrı İbrahim İlker Özgür Ömer Güneş Kılıç Şükrü Çiçek Çöğür Tuğba Buğra Yiğit Oğuzhan Ayşe Müjgân Kâmil Nâzım Işık Ümit",
  czech:
    "Dvořák Němec Kováč Kučera Jiří Růžena Šárka Pěšina Líška Mížová Novotný Černý Sýkora Motýl Výborný Bohuměl Žižka Ňaňák Ťapka Ďuriš Ľubica Kristýna Leontýna Mlýnek Šoltýs Zdeňka Ondřej Přibyl Vojtěška Průša Růžek Müllerová",
  polish:
    "Wałęsa Łukasz Żółć Kamiński Wiśniewski Świątek Dąbrowski Jędrzejczak Zając Śliwa Źrebiec Ćwik Grzegorczyk Księżak Małgorzata Róża Bożena Gałązka Wójcik Miś Książek",
  hungarian:
    "Erdős Dezső Szőke Győri Örkény László Gyűrű Űrhegyi Lőrincz Kovács Ilonka Jenő Sándor",
  romanian:
    "Ştefan Ștefan Băsescu Ionuţ Ionuț Mureşan Ţepeş Țurcanu Râşnoveanu Pîşlaru Câşlaru Brânduşa Ancuţa Măriuca Călin Rădulescu Iliescu Dănuţ Înalt",
  croatian: "Petrović Đorđe Šimić Žižić Đurić Kovačević Čović Ćosić Luković Grčić Brčko",
  baltic: "Žydrūnė Šarūnas Kęstutis Ūdrė Ģirts Jānis Ķēniņš Kārlis Põld Tõnu Lõhmus Õie Jüri Mötus",
  albanian: "Çelë Krasniqë Hënë Shpëtim Gëzim Ermir",
  kurdish: "Bêrîvan Şivan Rojîn Azadê Çîçek Zîn",
  welsh: "Siân Llŷr Gŵyn Tŷnan",
  scottish: "Màiri Sìne Catrìona Mìcheal Eòghan Sèonaid Mòrag",
  irish: "Seán Róisín Ciarán Gráinne Pádraig Niamh Órla Méabh",
  vietnamese:
    "Nguyễn Thị Ánh Trần Đức Lê Quý Hữu Bửu Nhã Mã Lãm Lý Thúy Phạm Văn Hùng Đặng Hoàng Phượng Thuỷ Vũ Ngô Đỗ Kỳ Ỷ Thảo Yến Tú Hòa Khoa Lưu",
  transliterated: "Āṣif Ḥasan Khāṭir Muḥammad Śrī Kṛṣṇa Ñāṇa Tōkyō Sūrya Žāle",
  african: "Ọláyínká Adébáyọ̀ Ṣadé Ìbùkún Nkẹ́m Ɔkyere Ƙasim Ɓello",
  others:
    "Дмитрий Олексій Νίκος Αλέξανδρος Հայկ გიორგი סארה سارة أَحْمَد طه فاطمة ی هادی राम हिन्दी สมชาย தமிழ் 李娜 たろう 김민수 Łojewska-Ó",
};
