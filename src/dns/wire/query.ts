/** Questions as octets, and which datagrams are answers to them. */
import { AUTHENTIC_DATA, DNSSEC_OK, RECURSION_DESIRED, encode } from 'dns-packet';
import type { Random } from '#base/random.ts';
import type { QuestionType } from '#dns/resolver.ts';

export interface Question {
  /** Canonical (name.ts). */
  readonly name: string;
  readonly type: QuestionType;
}

export interface Query {
  readonly octets: Buffer;
  /** The question section in it: its answer repeats it, octet for octet. */
  readonly questionOctets: Buffer;
}

/** `none`: for servers from before EDNS. `dnssec` asks for the AD bit, and for signatures, which make answers large. */
export type Edns = 'none' | 'plain' | 'dnssec';

/** RFC 9715 §3.2: more might not come through in one piece, and the pieces of a datagram can be forged. */
const UDP_PAYLOAD_OCTETS = 1_232;
const HEADER_OCTETS = 12;

export function encodeQuery(question: Question, edns: Edns, random: Random): Query {
  const octets = encode({
    type: 'query',
    // RFC 5452 §9.2: not to be guessed. The source port is not either: each query gets a socket of its own.
    id: random.bytes(2).readUInt16BE(),
    // RFC 6840 §5.7: AD in a question says that we look at it in the answer.
    flags: edns === 'dnssec' ? RECURSION_DESIRED | AUTHENTIC_DATA : RECURSION_DESIRED,
    questions: [{ type: question.type, name: mixCase(question.name, random) }],
    additionals: edns === 'none' ? [] : [optRecord(edns)],
  });
  // The root's name, type, class, TTL and length.
  const optOctets = edns === 'none' ? 0 : 11;
  return { octets, questionOctets: octets.subarray(HEADER_OCTETS, octets.length - optOctets) };
}

function optRecord(edns: Edns) {
  return {
    type: 'OPT' as const,
    name: '.' as const,
    udpPayloadSize: UDP_PAYLOAD_OCTETS,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: edns === 'dnssec' ? DNSSEC_OK : 0,
    flag_do: edns === 'dnssec',
    options: [],
  };
}

/** Names are equal in any case, so the case of each letter is one bit more that a forger has to guess. */
function mixCase(name: string, random: Random): string {
  const bits = random.bytes(Math.ceil(name.length / 8));
  let mixed = '';
  for (let i = 0; i < name.length; i++) {
    const letter = name[i] as string;
    mixed += ((bits[i >> 3] as number) >> (i & 7)) & 1 ? letter.toUpperCase() : letter;
  }
  return mixed;
}

/**
 * RFC 5452 §9.1; the addresses are the socket's to check. `doubtful`: right but for the letters' case; a few servers fold it, and a forger cannot know it.
 * `stranger`: not an answer to this question.
 */
export function judgeReply(query: Query, octets: Buffer): 'answer' | 'doubtful' | 'stranger' {
  const isReply = octets.length >= HEADER_OCTETS && (octets[2] as number) >= 0x80;
  if (!isReply || octets.readUInt16BE() !== query.octets.readUInt16BE()) return 'stranger';
  // Servers that do not understand the message may not repeat the question; it leads to no more than asking anew.
  if (octets.readUInt16BE(4) === 0 && rcodeOf(octets) === RCODE.formErr) return 'answer';
  if (octets.readUInt16BE(4) !== 1) return 'stranger';
  const repeated = octets.subarray(HEADER_OCTETS, HEADER_OCTETS + query.questionOctets.length);
  if (repeated.equals(query.questionOctets)) return 'answer';
  return lowerCase(repeated) === lowerCase(query.questionOctets) ? 'doubtful' : 'stranger';
}

/** RFC 1035 §4.1.1, and BADVERS of RFC 6891 §9, which dns-packet leaves in two places. */
export const RCODE = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5, badVers: 16 } as const;

/** The four bits of the header. */
export function rcodeOf(octets: Buffer): number {
  return (octets[3] as number) & 0x0f;
}

function lowerCase(octets: Buffer): string {
  return octets.toString('latin1').toLowerCase();
}
