/**
 * What our hosts are called and for whom each is: said to pages by `GET /site`, and to mail programs by client-settings.ts. Staff
 * and students may each have a host and servers of their own.
 */
import type { Site, SiteArchive, SiteEnding, SiteNotice, SiteServer } from '#contract/site.ts';
import type { Directory } from '#directory/directory.ts';
import type { DomainLives } from '#directory/domain-lives.ts';
import { nearestHost, type Realm, type Realms } from '#directory/realms.ts';
import { jsonAnswer } from '#http/answers.ts';
import { addressOf } from '#http/other-host.ts';
import type { HttpRoute } from '#http/types.ts';
import type { Notices } from '#notices/notices.ts';
import type { NoticeHead } from '#notices/types.ts';
import { METADATA_PATH } from '#oauth/paths.ts';
import type { Config, ListenerName } from './config.ts';
import type { ListenerPlan } from './thread-messages.ts';

export interface SiteFacts {
  readonly config: Config;
  readonly directory: Pick<Directory, 'listDomains' | 'lives' | 'realms'>;
  readonly notices: Pick<Notices, 'newest'>;
  /** Where the server really listens. */
  readonly listeners: () => Promise<readonly ListenerPlan[]>;
}

/** What people read mail by, the better way first; the port is the standard's (RFC 8314 §7). */
const SERVICES: readonly (Pick<SiteServer, 'protocol' | 'security'> & {
  readonly listener: ListenerName;
  readonly port: number;
})[] = [
  { listener: 'imaps', protocol: 'imap', security: 'tls', port: 993 },
  { listener: 'imap', protocol: 'imap', security: 'starttls', port: 143 },
  { listener: 'pop3s', protocol: 'pop3', security: 'tls', port: 995 },
  { listener: 'pop3', protocol: 'pop3', security: 'starttls', port: 110 },
  { listener: 'submissions', protocol: 'smtp', security: 'tls', port: 465 },
  { listener: 'submission', protocol: 'smtp', security: 'starttls', port: 587 },
];

/** The servers of a domain's people. Of several ports of a service the standard one, else the first. */
export function listServers(config: Config, domain: string, listeners: readonly ListenerPlan[]): SiteServer[] {
  const realm = config.realms.find(({ domains }) => domains.includes(domain));
  // An archive is read on the web alone.
  if (realm !== undefined && realm.archive !== null) return [];
  return SERVICES.flatMap(({ listener, protocol, security, port }) => {
    const ports = listeners.filter(({ name }) => name === listener).map((plan) => plan.port);
    const [first] = ports;
    if (first === undefined) return [];
    const host = realm?.servers[protocol] || config.hostname;
    return [{ protocol, host, port: ports.includes(port) ? port : first, security }];
  });
}

/** What stands before a domain in the names of hosts that speak for it. */
const PREFIX = /^(?:mail|webmail|www|autoconfig|autodiscover)\./;

/** The domain of ours that a host speaks for; undefined when it is none's. */
export function domainOfHost(config: Config, domains: readonly string[], host: string): string | undefined {
  const door = host.replace(/^(?:autoconfig|autodiscover)\./, '');
  const realm = config.realms.find(({ hosts }) => hosts.includes(door));
  if (realm !== undefined) return realm.domain;
  return [host, host.replace(PREFIX, '')].find((name) => domains.includes(name));
}

/** Whose door the host is, by the realm's name; null: nobody's in particular. */
export function realmNameAt({ realms }: Config, host: string): string | null {
  return realms.find(({ hosts }) => hosts.includes(host))?.name ?? null;
}

/** `https://mail.example.edu`: the web pages of a realm's people; undefined: everybody's. */
export function webOriginOf({ hostname, listen }: Config, realm: Realm | undefined): string {
  const port = listen.https[0]?.port ?? 0;
  return `https://${realm?.webHosts[0] ?? hostname}${port === 0 || port === 443 ? '' : `:${port}`}`;
}

/** Where a program that came to one of our hosts finds out how to be let in by a token: at the web pages of the same people. */
export function metadataUrlOf(config: Config, host: string | undefined): string {
  const realm = config.realms.find(({ hosts }) => host !== undefined && hosts.includes(host));
  return `${webOriginOf(config, realm)}${METADATA_PATH}`;
}

function toSiteNotice({ noticeId, title, publishedAt }: NoticeHead): SiteNotice {
  const publishedOn = new Date(publishedAt).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' });
  return { id: `notice ${noticeId}`, title, publishedOn, url: `/notices/${noticeId}` };
}

function describeArchive(realms: Realms, realm: Realm | undefined, host: string, origin: string): SiteArchive | null {
  const successor = realm && realms.successorOf(realm);
  if (realm === undefined || realm.archive === null || successor === undefined) return null;
  const { retiresOn: until, hasEnded } = realm.archive;
  const { title, englishTitle, webHosts } = successor;
  const there = nearestHost(webHosts, host);
  return { until, url: there === undefined ? null : addressOf(there, origin), title, englishTitle, hasEnded };
}

function describeEndings(lives: DomainLives): readonly SiteEnding[] {
  return lives.sunsets
    .filter(({ domain }) => lives.stageOf(domain) !== 'active')
    .map(({ domain, successor, sendBlockedAt, refusedAt }) => ({
      domain,
      successor,
      sendBlockedAt: new Date(sendBlockedAt).toISOString(),
      refusedAt: new Date(refusedAt).toISOString(),
    }));
}

export function siteRoute({ config, directory, notices, listeners }: SiteFacts): HttpRoute {
  return {
    method: 'GET',
    path: '/site',
    async respond({ host, origin }) {
      const domains = (await directory.listDomains()).map((row) => row.domain);
      const domain =
        domainOfHost(config, domains, host) ?? (config.auth.defaultDomain || (domains[0] ?? config.hostname));
      const realm = config.realms.find(({ hosts }) => hosts.includes(host));
      const other =
        realm && config.realms.find((one) => one !== realm && one.archive === null && one.webHosts.length > 0);
      const otherHost = other && nearestHost(other.webHosts, host);
      const archive = describeArchive(directory.realms, realm, host, origin);
      const { site, sms, sso } = config;
      const answer: Site = {
        name: site.name,
        englishName: site.englishName,
        realm: other === undefined || archive !== null ? null : realm?.serviceClass === 'student' ? 'student' : 'staff',
        title: realm?.title ?? null,
        englishTitle: realm?.englishTitle ?? null,
        archive,
        domain,
        domains,
        endings: describeEndings(directory.lives),
        otherRealmUrl: otherHost === undefined || archive !== null ? null : addressOf(otherHost, origin),
        authservId: config.hostname,
        // Whoever comes by it is let into the mailbox in use.
        sso: sso.kind === 'none' || archive !== null ? null : { name: sso.name, englishName: sso.englishName },
        sendsSms: sms.vendors.length > 0 && archive === null,
        phones: site.phones,
        mail: site.mail || null,
        notices: [...(await notices.newest(realm?.name ?? null)).map(toSiteNotice), ...site.notices],
        servers: listServers(config, domain, await listeners()),
      };
      return { ...jsonAnswer(200, answer), cacheControl: 'public, max-age=300' };
    },
  };
}
