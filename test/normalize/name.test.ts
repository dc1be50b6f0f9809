import { describe, expect, it } from "vitest";
import { foldName, personName } from "../../lib/normalize/name.ts";

describe("a folded name", () => {
  it.each([
    ["Sara BENALI", "sara benali"],
    ["Chérif Aït-Ahmed", "cherif ait ahmed"],
    ["Che\u0301rif", "cherif"],
    ["M’hamed  O'Brien", "m hamed o brien"],
    ["  (Sara)  ", "sara"],
    ["INFOGRAPHIE / PAO", "infographie pao"],
    ["Straße", "strasse"],
    ["İLKER", "ilker"],
    ["ΝΙΚΟΣ", "νικοσ"],
    ["Ｓａｒａ", "sara"],
    ["Sa\u200Bra\u200F", "sara"],
    ["Lina 🌸", "lina"],
    ["한글", "한글"],
    ["---", ""],
  ])("D5 %j folds to %j", (text, folded) => {
    expect(foldName(text)).toBe(folded);
  });

  it("D5 keeps Arabic letters and drops tatweel and harakat", () => {
    expect(foldName("سَارَة بـــن عُودَة")).toBe("سارة بن عودة");
    expect(foldName("أحمد")).toBe("أحمد");
    expect(foldName("\u0627\u0654حمد")).toBe("\u0623حمد");
    expect(foldName("أَحْمَد")).toBe("أحمد");
    expect(foldName("آمال")).toBe("آمال");
    expect(foldName("أحمد")).not.toBe(foldName("احمد"));
    expect(foldName("رؤوف شريفي")).toBe("رؤوف شريفي");
  });

  it("D5 reads ligatures and presentation forms as their letters", () => {
    expect(foldName("\uFEFB")).toBe("\u0644\u0627");
  });
});

describe("a name key", () => {
  it("D5 does not depend on which name comes first", () => {
    expect(personName(["Benali", "Sara"])?.key).toBe("benali sara");
    expect(personName(["SARA", "bénali"])?.key).toBe("benali sara");
    expect(personName(["Sara Benali", null])?.key).toBe("benali sara");
  });

  it("is null where no part holds a word", () => {
    expect(personName([null, " / "])).toBeNull();
  });
});

describe("a full name", () => {
  it.each([
    [["Benali", "Sara"], "Benali Sara"],
    [["  Ben   Ali ", "Che\u0301rif"], "Ben Ali Chérif"],
    [["Ben\u0000amar", "Sara"], "Benamar Sara"],
    [["\u202Eآمال\u202C", "Chérif"], "آمال Chérif"],
    [["Ben\u0007ali\t", "Sara"], "Benali Sara"],
    [["<script>alert(1)</script>", "Yasmine"], "<script>alert(1)</script> Yasmine"],
    [['=HYPERLINK("http://evil.example","x")', "Z"], '=HYPERLINK("http://evil.example","x") Z'],
    [["Robert'); DROP TABLE stagiaires;--", "Ali"], "Robert'); DROP TABLE stagiaires;-- Ali"],
    [["Lina 🌸", null], "Lina 🌸"],
    [["/", "Djamila"], "Djamila"],
    [["", "Djamila"], "Djamila"],
    [["\uD83D", "Sara"], "Sara"],
  ])("D9 %j is shown as %j", (parts, name) => {
    expect(personName(parts)?.full).toBe(name);
  });

  it.each([
    [[null, null]],
    [["", "  "]],
    [["/", "-"]],
    [["NULL", "x"]],
    [[".", "XXX"]],
    [["N/A", "Néant"]],
    [["12345", "0"]],
    [["😀", null]],
    [["\u200B", "\u0000"]],
  ])("D9 %j is no usable name", (parts) => {
    expect(personName(parts)).toBeNull();
  });

  it("D5 folds in the order given, and into a key", () => {
    expect(personName(["Zerrouki", "Zoé Aït"])).toEqual({
      full: "Zerrouki Zoé Aït",
      folded: "zerrouki zoe ait",
      key: "ait zerrouki zoe",
      unreadablePart: false,
    });
    expect(personName(["NULL", "Zoé"])).toEqual({
      full: "Zoé",
      folded: "zoe",
      key: "zoe",
      unreadablePart: false,
    });
  });

  it.each([
    ["12345", true],
    ["=1+1", true],
    ["😀", true],
    ["0559", true],
    ["N/A", true],
    ["Néant", true],
    ["xx", true],
    ["/", false],
    ["--", false],
    ["", false],
    ["NULL", false],
    [null, false],
  ])("D33 %j beside a name is a part that cannot be read: %s", (part, unreadablePart) => {
    expect(personName([part, "Sara"])).toMatchObject({ full: "Sara", unreadablePart });
  });
});
