/** Numeric network addresses as sockets report them, and which of them count as one peer. */
import { isIPv4 } from 'node:net';

/** `192.0.2.1` for `::ffff:192.0.2.1`, as a dual-stack socket shows IPv4 peers; the zone of a link-local one removed. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address.split('%')[0] ?? address;
}

/** Whether an address is this machine itself. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (plain.startsWith('127.') && isIPv4(plain));
}

/** The first four of an IPv6 address's eight groups, lower case, without leading zeros. */
export function leadingGroups(address: string): string[] {
  const [head = '', tail] = plainAddress(address).toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const tailGroups = tail === '' ? [] : tail.split(':');
    // A dotted quad at the end stands for two groups.
    const tailLength = tailGroups.length + (tail.includes('.') ? 1 : 0);
    while (groups.length + tailLength < 8) groups.push('0');
    groups.push(...tailGroups);
  }
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
}

/** Who counts as one peer: an IPv4 address, or the /64 of an IPv6 address: one host must not hop through it. */
export function peerNetwork(address: string): string {
  const plain = plainAddress(address);
  return plain.includes(':') ? leadingGroups(plain).join(':') : plain;
}
