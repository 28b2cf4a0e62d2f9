/** A small DNS for tests: a table of names; counts what it is asked. */
import ipaddr from 'ipaddr.js';
import type { DnsAnswer, MxRecord, Resolver, SrvRecord, TlsaRecord } from '#dns/resolver.ts';

export interface FakeRecords {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly txt?: readonly string[];
  readonly mx?: readonly MxRecord[];
  readonly ptr?: readonly string[];
  readonly tlsa?: readonly TlsaRecord[];
  readonly srv?: readonly SrvRecord[];
  readonly cname?: readonly string[];
  /** Every other question about this name fails. */
  readonly isBroken?: boolean;
}

export class FakeDns implements Resolver {
  /** `txt example.org`, in the order asked. */
  readonly asked: string[] = [];
  isAuthentic = false;
  /** Never answers while true. */
  isSilent = false;
  readonly #names = new Map<string, FakeRecords>();

  constructor(names: Readonly<Record<string, FakeRecords>> = {}) {
    for (const [name, records] of Object.entries(names)) this.set(name, records);
  }

  set(name: string, records: FakeRecords): void {
    this.#names.set(keyOf(name), records);
  }

  mx = (name: string): Promise<DnsAnswer<MxRecord>> => this.#answer(name, 'mx');
  a = (name: string): Promise<DnsAnswer<string>> => this.#answer(name, 'a');
  aaaa = (name: string): Promise<DnsAnswer<string>> => this.#answer(name, 'aaaa');
  txt = (name: string): Promise<DnsAnswer<string>> => this.#answer(name, 'txt');
  ptr = (address: string): Promise<DnsAnswer<string>> => this.#answer(address, 'ptr');
  tlsa = (name: string): Promise<DnsAnswer<TlsaRecord>> => this.#answer(name, 'tlsa');
  srv = (name: string): Promise<DnsAnswer<SrvRecord>> => this.#answer(name, 'srv');
  cname = (name: string): Promise<DnsAnswer<string>> => this.#answer(name, 'cname');

  async #answer<T>(asked: string, type: Exclude<keyof FakeRecords, 'isBroken'>): Promise<DnsAnswer<T>> {
    this.asked.push(`${type} ${asked}`);
    if (this.isSilent) return new Promise(() => {});
    let name = keyOf(asked);
    if (name.split('.').some((label) => label.length > 63 || label === '')) {
      return { kind: 'failed', why: 'badName', message: name };
    }
    const { isAuthentic } = this;
    for (let alias = 0; alias < 10; alias++) {
      const records = this.#names.get(name);
      if (records === undefined) return { kind: 'absent', why: 'nxdomain', isAuthentic, ttlS: 60 };
      const found = records[type];
      if (found !== undefined) return { kind: 'found', records: found as readonly T[], isAuthentic, ttlS: 60 };
      if (records.isBroken === true) return { kind: 'failed', why: 'timeout', message: name };
      const target = records.cname?.[0];
      if (target === undefined) return { kind: 'absent', why: 'nodata', isAuthentic, ttlS: 60 };
      name = keyOf(target);
    }
    return { kind: 'failed', why: 'servfail', message: 'a loop of aliases' };
  }
}

function keyOf(name: string): string {
  return ipaddr.isValid(name) ? ipaddr.process(name).toNormalizedString() : name.toLowerCase().replace(/\.$/, '');
}
