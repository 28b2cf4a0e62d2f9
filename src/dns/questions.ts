/** The questions of a Resolver, each as a look-up of a name and a type: whoever answers those is a resolver. */
import { reverseName } from './name.ts';
import type { DnsAnswer, MxRecord, QuestionType, RecordOf, Resolver, SrvRecord, TlsaRecord } from './resolver.ts';

export abstract class Questions implements Resolver {
  /** `name` in any spelling; what cannot be one is answered `badName`. */
  protected abstract lookUp<T extends QuestionType>(name: string, type: T): Promise<DnsAnswer<RecordOf[T]>>;

  mx(domain: string): Promise<DnsAnswer<MxRecord>> {
    return this.lookUp(domain, 'MX');
  }

  a(name: string): Promise<DnsAnswer<string>> {
    return this.lookUp(name, 'A');
  }

  aaaa(name: string): Promise<DnsAnswer<string>> {
    return this.lookUp(name, 'AAAA');
  }

  txt(name: string): Promise<DnsAnswer<string>> {
    return this.lookUp(name, 'TXT');
  }

  ptr(address: string): Promise<DnsAnswer<string>> {
    return this.lookUp(reverseName(address) ?? '', 'PTR');
  }

  tlsa(name: string): Promise<DnsAnswer<TlsaRecord>> {
    return this.lookUp(name, 'TLSA');
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.lookUp(name, 'SRV');
  }

  cname(name: string): Promise<DnsAnswer<string>> {
    return this.lookUp(name, 'CNAME');
  }
}
