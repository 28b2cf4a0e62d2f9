/** Messages from servers, read. What they say may be anything: nothing here throws, and the time taken is bounded. */
import { decode, type Answer, type DecodedPacket } from 'dns-packet';
import { DNS_LIMITS } from '#dns/limits.ts';
import { rcodeOf } from './query.ts';

export interface Reply {
  /** With the upper bits from EDNS. */
  readonly rcode: number;
  readonly isTruncated: boolean;
  /** The AD bit, whoever says so. */
  readonly isAuthentic: boolean;
  /** Those of class IN, names as the server wrote them. */
  readonly answers: readonly Answer[];
  /** Seconds that "there is none" stays true, by the zone's SOA (RFC 2308 §5); undefined without one. */
  readonly negativeTtlS: number | undefined;
  readonly octets: number;
}

const HEADER_OCTETS = 12;

/** Undefined when it is no message, or not a whole one. */
export function readReply(octets: Buffer): Reply | undefined {
  const end = findEnd(octets);
  if (end === undefined) return undefined;
  let packet: DecodedPacket;
  try {
    packet = decode(octets);
  } catch {
    return undefined;
  }
  // It reads records by their types' own lengths: where those are not the lengths that were sent, it went astray.
  if (decode.bytes !== end) return undefined;
  return {
    rcode: (extendedRcode(packet) << 4) | rcodeOf(octets),
    isTruncated: packet.flag_tc,
    isAuthentic: packet.flag_ad,
    answers: packet.answers?.filter((answer) => 'class' in answer && answer.class === 'IN') ?? [],
    negativeTtlS: readNegativeTtl(packet),
    octets: octets.length,
  };
}

/**
 * Where the last record ends; undefined when one would reach beyond the message, or there are more than anybody sends.
 * dns-packet looks at neither, and a name may cost it as many steps as the message has octets.
 */
function findEnd(octets: Buffer): number | undefined {
  if (octets.length < HEADER_OCTETS) return undefined;
  const questions = octets.readUInt16BE(4);
  const records = octets.readUInt16BE(6) + octets.readUInt16BE(8) + octets.readUInt16BE(10);
  if (questions > 1 || records > DNS_LIMITS.recordsRead) return undefined;
  let offset = HEADER_OCTETS;
  for (let i = 0; i < questions; i++) offset = skipName(octets, offset) + 4;
  for (let i = 0; i < records; i++) {
    offset = skipName(octets, offset) + 10;
    if (offset > octets.length) return undefined;
    offset += octets.readUInt16BE(offset - 2);
  }
  return offset <= octets.length ? offset : undefined;
}

/** RFC 1035 §4.1.4: labels up to an empty one or a pointer. Beyond the end for a name that does not end. */
function skipName(octets: Buffer, start: number): number {
  let offset = start;
  while (offset < octets.length) {
    const length = octets[offset] as number;
    if (length >= 0xc0) return offset + 2;
    offset += length + 1;
    if (length === 0) return offset;
  }
  return octets.length + 1;
}

/** RFC 6891 §6.1.3. */
function extendedRcode(packet: DecodedPacket): number {
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  return opt?.type === 'OPT' ? opt.extendedRcode : 0;
}

function readNegativeTtl(packet: DecodedPacket): number | undefined {
  const soa = packet.authorities?.find((record) => record.type === 'SOA');
  return soa?.type === 'SOA' ? Math.min(readTtl(soa), soa.data.minimum ?? 0) : undefined;
}

/** Seconds. RFC 2181 §8: one with the top bit set counts as none. */
export function readTtl(answer: { readonly ttl?: number | undefined }): number {
  const ttl = answer.ttl ?? 0;
  return ttl < 2 ** 31 ? ttl : 0;
}
