/** Addresses that are nobody's on the internet: mail for a stranger's domain has no business there. */
import { BlockList, isIPv6 } from 'node:net';

const blocks = new BlockList();
// IANA special-purpose registries (RFC 6890): this network, private use, shared, link-local, protocol assignments,
// documentation, benchmarking, multicast, reserved.
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  blocks.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  blocks.addSubnet(network, prefix, 'ipv6');

/** `address` is numeric; an IPv4-mapped one is judged as IPv4. */
export function isPrivateAddress(address: string): boolean {
  // Only what is link-local has a zone, and a BlockList matches none that has.
  if (address.includes('%')) return true;
  return blocks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
