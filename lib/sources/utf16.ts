/** Whether a file is UTF-16: by its mark, or as every other byte of its beginning is 0. */
export function isUtf16(bytes: Buffer): boolean {
  const [one, other] = bytes;
  if ((one === 0xff && other === 0xfe) || (one === 0xfe && other === 0xff)) return true;
  const begins = bytes.subarray(0, 64);
  return begins.length >= 4 && begins.filter((byte) => byte === 0).length * 2 >= begins.length - 1;
}
