/** Bytes of a type, that differ by a number, of about a length. */
export function bytesOf(type: string, n: number, length = 200): Buffer {
  const head = heads[type] ?? Buffer.from("just bytes ");
  const rest = Buffer.from(
    `${n} `.repeat(Math.ceil(length / 2)).slice(0, Math.max(0, length - head.length)),
  );
  return Buffer.concat([head, rest]);
}

const heads: Readonly<Record<string, Buffer>> = {
  pdf: Buffer.from("%PDF-1.4\n"),
  jpg: Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  png: Buffer.from("\u0089PNG\r\n\u001a\n", "latin1"),
  gif: Buffer.from("GIF89a"),
  webp: Buffer.from("RIFF\u0010\u0000\u0000\u0000WEBP", "latin1"),
  heic: Buffer.from("\u0000\u0000\u0000\u0018ftypheic", "latin1"),
  docx: Buffer.from("PK\u0003\u0004word", "latin1"),
};
