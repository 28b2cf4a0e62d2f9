/** A record's data as the resolver's callers get it. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Answer } from 'dns-packet';
import { canonicalizeName, isHostName } from '#dns/name.ts';
import type { RecordOf } from '#dns/resolver.ts';

/** Undefined when it is of another type, or what it holds is of no use: an exchanger whose name no host can have. */
export function readRecord<T extends keyof RecordOf>(answer: Answer, type: T): RecordOf[T] | undefined {
  return answer.type === type ? (readData(answer) as RecordOf[T] | undefined) : undefined;
}

function readData(answer: Answer): RecordOf[keyof RecordOf] | undefined {
  switch (answer.type) {
    case 'A':
      return isIPv4(answer.data) ? answer.data : undefined;
    case 'AAAA':
      return isIPv6(answer.data) ? answer.data : undefined;
    case 'CNAME':
      return canonicalizeName(answer.data);
    case 'PTR':
      return readHost(answer.data);
    case 'MX': {
      // RFC 7505 §3: the root as an exchanger is the null MX.
      const exchange = readHostOrRoot(answer.data.exchange);
      return exchange === undefined ? undefined : { exchange, preference: answer.data.preference ?? 0 };
    }
    case 'SRV': {
      const { priority = 0, weight = 0, port } = answer.data;
      const target = readHostOrRoot(answer.data.target);
      return target === undefined ? undefined : { priority, weight, port, target };
    }
    case 'TXT':
      return Buffer.concat(answer.data as Buffer[]).toString();
    case 'TLSA': {
      const { usage, selector, matchingType, certificate } = answer.data;
      // A copy: the message it lies in would stay in memory with it.
      return { usage, selector, matchingType, data: new Uint8Array(certificate) };
    }
    default:
      return undefined;
  }
}

/** '' for the root. */
function readHostOrRoot(text: string): string | undefined {
  return text === '.' ? '' : readHost(text);
}

function readHost(text: string): string | undefined {
  const name = canonicalizeName(text);
  return name !== undefined && isHostName(name) ? name : undefined;
}
