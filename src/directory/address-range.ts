/** Which network a peer's address lies in, for budgets: /24 of IPv4, /64 and /48 of IPv6. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { leadingGroups, plainAddress } from '#base/network-address.ts';

export interface AddressRange {
  /** What one subscriber or one classroom has: `192.0.2.0/24`, `2001:db8:0:1::/64`. */
  readonly range: string;
  /** IPv6 only, `2001:db8:0::/48`: whoever rents one has 65536 ranges. */
  readonly wider: string | undefined;
}

/** Takes the numeric forms that sockets report. Anything else is a range of its own. */
export function findAddressRange(remoteAddress: string): AddressRange {
  const address = plainAddress(remoteAddress);
  if (isIPv4(address)) return { range: `${address.slice(0, address.lastIndexOf('.'))}.0/24`, wider: undefined };
  if (!isIPv6(address)) return { range: address.slice(0, 64), wider: undefined };
  const groups = leadingGroups(address);
  return { range: `${groups.join(':')}::/64`, wider: `${groups.slice(0, 3).join(':')}::/48` };
}

/** Whether an address lies in any of `networks` (`10.0.0.0/8`, `2001:da8::/32`). Throws for what is no network. */
export function createNetworkTest(networks: readonly string[]): (remoteAddress: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    if (!/^[0-9]{1,3}$/.test(prefix)) throw new Error(`not a network (address/prefix): ${network}`);
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return (remoteAddress) => {
    const address = plainAddress(remoteAddress);
    if (isIPv4(address)) return list.check(address, 'ipv4');
    return isIPv6(address) && list.check(address, 'ipv6');
  };
}
