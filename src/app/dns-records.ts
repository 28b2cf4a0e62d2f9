/** The DNS records a domain needs so that its mail comes, leaves and is believed; and whether the DNS has them. */
import type { DnsAnswer, Resolver, SrvRecord } from '#dns/resolver.ts';
import {
  checkPublishedKey,
  type DkimKey,
  formatKeyRecord,
  keyRecordName,
  needsRecord,
  splitTxt,
} from '#trust/dkim-keys.ts';
import { REPORT_LOCAL_PARTS } from '#trust/report-address.ts';
import type { Config, ListenerName } from './config.ts';
import { formatOwnPolicy, policyId } from './mta-sts-policy.ts';
import type { ThreadSystem } from './system.ts';

export type RecordState =
  | { readonly kind: 'there' }
  | { readonly kind: 'missing' }
  /** Something else stands there. */
  | { readonly kind: 'different'; readonly found: string }
  /** Nobody could say. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface WantedRecord {
  /** A title for the group it stands in: `DKIM`. */
  readonly topic: string;
  /** As a line of a zone file. */
  readonly line: string;
  /** Without it mail is lost or refused, or something that the settings promise is not so. */
  readonly isNeeded: boolean;
  check(resolver: Resolver): Promise<RecordState>;
}

export interface DomainFacts {
  readonly domain: string;
  /** Those whose record has to be published. */
  readonly keys: readonly DkimKey[];
  readonly config: Pick<Config, 'hostname' | 'mtaSts' | 'listen'>;
}

/** RFC 6186 and RFC 8314 §5.1: where clients find their servers. The ports are those of the standard. */
const SERVICES: readonly { readonly listener: ListenerName; readonly service: string; readonly port: number }[] = [
  { listener: 'submissions', service: '_submissions', port: 465 },
  { listener: 'submission', service: '_submission', port: 587 },
  { listener: 'imaps', service: '_imaps', port: 993 },
  { listener: 'imap', service: '_imap', port: 143 },
  { listener: 'pop3s', service: '_pop3s', port: 995 },
  { listener: 'pop3', service: '_pop3', port: 110 },
];

export async function readDomainFacts(
  { trustStore, clock, config }: Pick<ThreadSystem, 'trustStore' | 'clock' | 'config'>,
  domain: string,
): Promise<DomainFacts> {
  const keys = await trustStore.reader.dkimKeys(domain);
  return { domain, keys: keys.filter((key) => needsRecord(key, clock.now())), config };
}

/** In the order in which they matter. */
export function listWantedRecords({ domain, keys, config }: DomainFacts): WantedRecord[] {
  const { hostname, mtaSts, listen } = config;
  const policy = formatOwnPolicy(config);
  const dmarc = `v=DMARC1; p=quarantine; rua=mailto:${REPORT_LOCAL_PARTS.dmarc}@${domain}`;
  return [
    {
      topic: 'Mail comes here',
      line: `${domain}. IN MX 10 ${hostname}.`,
      isNeeded: true,
      check: async (resolver) =>
        judge(
          await resolver.mx(domain),
          ({ exchange }) => exchange === hostname,
          ({ exchange, preference }) => `MX ${preference} ${exchange}`,
        ),
    },
    {
      topic: 'Who may send for the domain (SPF)',
      line: formatTxt(domain, 'v=spf1 mx -all'),
      isNeeded: true,
      // Which servers may send is the operator's to say: any policy will do, two are none.
      check: (resolver) => checkTxt(resolver, domain, 'v=spf1', () => true),
    },
    {
      topic: 'Who may send for the domain (SPF)',
      line: formatTxt(hostname, 'v=spf1 a -all'),
      isNeeded: false,
      check: (resolver) => checkTxt(resolver, hostname, 'v=spf1', () => true),
    },
    ...keys.map((key): WantedRecord => ({
      topic: 'Signatures (DKIM)',
      line: formatTxt(keyRecordName(key), formatKeyRecord(key)),
      isNeeded: key.state === 'active',
      async check(resolver) {
        const published = await checkPublishedKey(key, resolver);
        if (published.kind === 'published') return { kind: 'there' };
        if (published.kind === 'absent') return { kind: 'missing' };
        return published.kind === 'different' ? published : { kind: 'unknown', why: published.message };
      },
    })),
    {
      topic: 'What others do with forgeries (DMARC)',
      line: formatTxt(`_dmarc.${domain}`, dmarc),
      isNeeded: true,
      check: (resolver) => checkTxt(resolver, `_dmarc.${domain}`, 'v=DMARC1', () => true),
    },
    ...(mtaSts.mode === 'none'
      ? []
      : [
          {
            topic: `Only by TLS (MTA-STS); served at https://mta-sts.${domain}/.well-known/mta-sts.txt`,
            line: formatTxt(`_mta-sts.${domain}`, `v=STSv1; id=${policyId(policy)}`),
            isNeeded: true,
            check: (resolver: Resolver) =>
              checkTxt(resolver, `_mta-sts.${domain}`, 'v=STSv1', (text) => text.includes(policyId(policy))),
          },
          {
            topic: `Only by TLS (MTA-STS); served at https://mta-sts.${domain}/.well-known/mta-sts.txt`,
            line: `mta-sts.${domain}. IN CNAME ${hostname}.`,
            isNeeded: true,
            check: async (resolver: Resolver) => judge(await resolver.a(`mta-sts.${domain}`), () => true, String),
          },
        ]),
    {
      topic: 'Reports about TLS',
      line: formatTxt(`_smtp._tls.${domain}`, `v=TLSRPTv1; rua=mailto:${REPORT_LOCAL_PARTS.tls}@${domain}`),
      isNeeded: false,
      check: (resolver) => checkTxt(resolver, `_smtp._tls.${domain}`, 'v=TLSRPTv1', () => true),
    },
    // Programs that ask the web for their settings (client-settings.ts) ask it by these names.
    ...(listen.https.length === 0 ? [] : ['autoconfig', 'autodiscover']).map((label): WantedRecord => {
      const name = `${label}.${domain}`;
      return {
        topic: 'Where mail programs find their settings; the certificate has to name them, too',
        line: `${name}. IN CNAME ${hostname}.`,
        isNeeded: false,
        check: async (resolver) => judge(await resolver.a(name), () => true, String),
      };
    }),
    ...SERVICES.map(({ listener, service, port }): WantedRecord => {
      const name = `${service}._tcp.${domain}`;
      const isOffered = listen[listener].length > 0;
      // What begins with TLS comes first.
      const wanted = isOffered
        ? { priority: port === 465 || port === 993 || port === 995 ? 0 : 10, weight: 1, port, target: hostname }
        : { priority: 0, weight: 0, port: 0, target: '' };
      return {
        topic: 'Where mail programs find their servers',
        line: `${name}. IN ${showSrv(wanted)}`,
        isNeeded: false,
        // Priorities and ports are the operator's to say; a service that is not offered may as well be unnamed.
        async check(resolver) {
          const state = judge(await resolver.srv(name), ({ target }) => target === wanted.target, showSrv);
          return state.kind === 'missing' && !isOffered ? { kind: 'there' } : state;
        },
      };
    }),
  ];
}

function showSrv({ priority, weight, port, target }: SrvRecord): string {
  return `SRV ${priority} ${weight} ${port} ${target}.`;
}

function formatTxt(name: string, text: string): string {
  const strings = splitTxt(text).map((one) => `"${one}"`);
  return `${name}. IN TXT ${strings.length === 1 ? strings.join('') : `( ${strings.join(' ')} )`}`;
}

/** Exactly one record of a version, which fits. */
async function checkTxt(
  resolver: Resolver,
  name: string,
  version: string,
  fits: (text: string) => boolean,
): Promise<RecordState> {
  const answer = await resolver.txt(name);
  if (answer.kind === 'failed') return { kind: 'unknown', why: answer.message };
  const found = answer.kind === 'found' ? answer.records.filter((text) => text.startsWith(version)) : [];
  const [text] = found;
  if (text === undefined) return { kind: 'missing' };
  return found.length === 1 && fits(text) ? { kind: 'there' } : { kind: 'different', found: found.join(' | ') };
}

function judge<T>(answer: DnsAnswer<T>, fits: (record: T) => boolean, show: (record: T) => string): RecordState {
  if (answer.kind === 'failed') return { kind: 'unknown', why: answer.message };
  if (answer.kind === 'absent') return { kind: 'missing' };
  if (answer.records.some(fits)) return { kind: 'there' };
  return { kind: 'different', found: answer.records.map(show).join(', ') };
}
