/** A running checksum, fed piece by piece. */
export interface RunningCrc {
  update(bytes: Uint8Array): void;
  /** Big-endian, as S3 wants it. */
  digest(): Buffer;
}

/** Reflected polynomial of CRC-32C (Castagnoli). */
const CASTAGNOLI = 0x82f63b78;
/** Reflected polynomial of CRC-64/NVME, in two halves. */
const NVME_HIGH = 0x9a6c9329;
const NVME_LOW = 0xac4bc9b5;

/** CRC-32C, table-driven. */
export function crc32c(): RunningCrc {
  let crc = 0xffffffff;
  return {
    update(bytes) {
      let state = crc;
      for (let i = 0; i < bytes.length; i++) {
        state = (CRC32C_TABLE[(state ^ (bytes[i] as number)) & 0xff] as number) ^ (state >>> 8);
      }
      crc = state;
    },
    digest() {
      const out = Buffer.alloc(4);
      out.writeUInt32BE(~crc >>> 0);
      return out;
    },
  };
}

/** CRC-64/NVME, table-driven on two 32-bit halves: BigInt would be a hundred times slower. */
export function crc64nvme(): RunningCrc {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(bytes) {
      let h = high;
      let l = low;
      for (let i = 0; i < bytes.length; i++) {
        const index = (l ^ (bytes[i] as number)) & 0xff;
        l = (NVME_TABLE_LOW[index] as number) ^ ((l >>> 8) | (h << 24));
        h = (NVME_TABLE_HIGH[index] as number) ^ (h >>> 8);
      }
      high = h;
      low = l;
    },
    digest() {
      const out = Buffer.alloc(8);
      out.writeUInt32BE(~high >>> 0, 0);
      out.writeUInt32BE(~low >>> 0, 4);
      return out;
    },
  };
}

const CRC32C_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CASTAGNOLI : crc >>> 1;
  return crc;
});

const NVME_TABLE_HIGH = new Int32Array(256);
const NVME_TABLE_LOW = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high = high >>> 1;
    if (odd) {
      high ^= NVME_HIGH;
      low ^= NVME_LOW;
    }
  }
  NVME_TABLE_HIGH[byte] = high;
  NVME_TABLE_LOW[byte] = low;
}
