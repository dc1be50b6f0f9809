import { createHash } from "node:crypto";
import { bytesOf } from "./bytes.ts";
import { sectionsOf } from "./courses.ts";
import { type Builder, materialId, type Row, type Size, sectionId } from "./school.ts";

const bucket = "section_materials";

/** Materials of the sections of the first course, and one text and one file of every other one. */
export function addMaterials(school: Builder, { courses }: Size): void {
  let next = 0;
  const put = (path: string, bytes: Buffer) => school.files.set(`${bucket}/${path}/blob-1`, bytes);
  const file = (name: string, bytes: Buffer | undefined, more: Row = {}): Row => {
    const path = `unit_u/section_s/${++next}_${name}`;
    if (bytes !== undefined) put(path, bytes);
    return { id: materialId(next), type: "file", title: name, path, filename: name, ...more };
  };
  const plain = (more: Row): Row => ({
    id: materialId(++next),
    created_at: "Europe/Berlin",
    ...more,
  });
  const set = (section: number, list: readonly (readonly [kind: string, item: unknown])[]) => {
    replace(
      school,
      section,
      list.map(([, item]) => item),
    );
    for (const [at, [kind]] of list.entries())
      school.plant("material", [sectionId(section), at + 1], kind);
  };
  const pdf = (n: number, length?: number) => bytesOf("pdf", n, length);

  for (let n = 2; n <= courses; n++) {
    set(sectionsOf(n)[0] ?? 0, [
      ["text", plain({ type: "markdown", title: `Text ${n}`, content: `# Text ${n}\n\nRead it.` })],
      ["file", file(`Sheet ${n}.pdf`, pdf(n))],
    ]);
  }
  const [first = 0, second = 0, third = 0] = sectionsOf(1);
  const twice = file("Twice.pdf", pdf(90));
  const counted = pdf(91, 300);
  const umlauts = file("Übung 1 (final).pdf", pdf(93));
  set(first, [
    ["text", plain({ type: "markdown", title: "Text", content: "Read it." })],
    ["link", plain({ type: "link", title: "Link", content: "https://school.example/a" })],
    ["link_without_a_title", plain({ type: "link", content: "https://school.example/b" })],
    ["link_to_nothing", plain({ type: "link", title: "Nothing" })],
    ["applet", plain({ type: "applet", title: "Applet", content: "<script>1</script>" })],
    ["type_nobody_listed", plain({ type: "quiz", title: "Quiz" })],
    ["text_without_content", plain({ type: "markdown", title: "Empty" })],
    ["without_an_id", { type: "markdown", title: "No id", content: "x" }],
    ["id_no_uuid", { id: "17", type: "markdown", title: "Short id", content: "x" }],
    ["text_without_a_title", plain({ type: "markdown", content: "Nameless" })],
    ["no_object", "loose"],
  ]);
  set(second, [
    [
      "file",
      file("Blatt 1.pdf", counted, {
        size: counted.length,
        sha256: sha256(counted),
        mime_type: "application/pdf",
      }),
    ],
    [
      "file_of_capital_hash",
      file("Gross.pdf", pdf(92), { sha256: `SHA256:${sha256(pdf(92)).toUpperCase()}` }),
    ],
    ["file_with_umlauts", umlauts],
    // The same name, its accents apart.
    [
      "file_twice",
      { ...umlauts, id: materialId(++next), path: `${umlauts.path}`.normalize("NFD") },
    ],
    ["file_missing", file("Fehlt.pdf", undefined)],
    ["file_empty", file("Leer.pdf", Buffer.alloc(0))],
    ["file_of_another_size", file("Size.pdf", pdf(94), { size: 7 })],
    ["file_of_another_hash", file("Hash.pdf", pdf(95), { sha256: "a".repeat(64) })],
    [
      "file_of_another_type",
      file("Type.pdf", bytesOf("png", 96), { mime_type: "application/pdf" }),
    ],
    ["file_of_a_type_not_taken", file("Text.docx", bytesOf("docx", 97))],
    ["file_of_a_type_not_taken", file("Bild.gif", bytesOf("gif", 98))],
    ["file_of_a_type_not_taken", file("Bild.heic", bytesOf("heic", 99))],
    ["file", file("Bild.webp", bytesOf("webp", 100))],
    ["file", twice],
    ["file_twice", { ...twice, id: materialId(++next) }],
    ["file_outside", { ...file("Aus.pdf", undefined), path: "../../etc/passwd" }],
    ["file_by_a_link_out", { ...file("Link.pdf", undefined), path: "outside.pdf" }],
  ]);
  school.links.set(`${bucket}/outside.pdf`, "../../outside.pdf");
  replace(school, third, { not: "a list" });
  // One row without a key, held: the list that is none.
  school.plant("material", "null", "list_that_is_none");
  set(9_001, [
    ["of_a_section_of_nobody", plain({ type: "markdown", title: "Away", content: "x" })],
  ]);
  replace(school, 9_003, []);
}

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function replace(school: Builder, section: number, materials: unknown): void {
  const rows = school.tables.unit_section ?? [];
  const at = rows.findIndex((row) => row.id === sectionId(section));
  rows[at] = { ...rows[at], materials };
}
