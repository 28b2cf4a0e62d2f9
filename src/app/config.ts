/**
 * Settings: one table of every key with its default, unit and one sentence. A settings file is TOML; each key has a
 * CAMPUSMAIL_… variable that overrides it. The only file that reads the environment.
 */
import type { SiteNotice } from '#contract/site.ts';
import { canonicalizeDomain, parseAddress } from '#directory/address.ts';
import type { ForwardingRules } from '#directory/forwarding-rules.ts';
import type { DomainPlans } from '#directory/domain-lives.ts';
import type { Realm } from '#directory/realms.ts';
import type { OAuthClient } from '#oauth/clients.ts';
import { AFTER_SUSPENSION, POPULATIONS } from '#directory/types.ts';
import type { AfterSuspension, Population, ServiceClass } from '#directory/types.ts';
import { NEW_PLACES, type NewPlace } from '#signin/step-policy.ts';
import type { VendorName, VendorSettings } from '#sms/vendors.ts';
import type { SmsSettings } from '#sms/sms.ts';
import type { Route } from '#queue/routes.ts';
import { parseInitialPasswordRule, parseTemplate } from '#roster/initial-passwords.ts';
import type { SourceSettings } from '#migration/source.ts';
import type { InitialPasswordSettings } from '#roster/initial-passwords.ts';
import type { LdapSettings } from '#roster/ldap-source.ts';
import { parseIdleRule } from '#roster/idle-plan.ts';
import type { IdleRule } from '#roster/idle-plan.ts';
import { parseLifeRule } from '#roster/life-plan.ts';
import type { LifeRule } from '#roster/life-plan.ts';
import type { SigningAlgorithm } from '#trust/dkim-keys.ts';
import { CLASS_LIMITS, SENDING_LIMITS } from '#submission/limits.ts';
import type { ClassLimits } from '#submission/limits.ts';
import { OAUTH_CLIENT_FIELDS, readOAuthClients } from './read-oauth-clients.ts';
import { MAINTENANCE_FIELDS, readDomainPlans, readInstant, SUNSET_FIELDS } from './read-domain-plans.ts';
import { readRealms, REALM_FIELDS } from './read-realms.ts';
import { readRoute } from './read-routes.ts';
import { readSms } from './read-sms.ts';
import { parse as parseToml, TomlError } from 'smol-toml';
import { createNetworkTest } from '#directory/address-range.ts';
import { parseDnsServer, type TrustAd } from '#dns/servers.ts';

/** PEM files: a chain and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A listener's address. Port 0: any free one. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export const LISTENERS = [
  'smtp',
  'lmtp',
  'submission',
  'submissions',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'http',
  'https',
  'managesieve',
] as const;
export type ListenerName = (typeof LISTENERS)[number];

type Kind = 'text' | 'instant' | 'texts' | 'integer' | 'boolean' | 'addresses' | 'choice' | 'tables';

export interface Setting {
  readonly kind: Kind;
  readonly default: unknown;
  /** For people: one sentence, with the unit. */
  readonly about: string;
  /** `config check` does not show it. */
  readonly isSecret?: true;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  /** Of each table. */
  readonly fields?: Readonly<Record<string, Setting>>;
}

/** What the accounts of a class may send. */
function classSettings<Name extends ServiceClass>(
  name: Name,
): Record<`class.${Name}.${'recipients' | 'outside_per_hour' | 'outside_per_day' | 'new_per_day'}`, Setting> {
  const limits = CLASS_LIMITS[name];
  const setting = (byDefault: number, about: string): Setting => ({
    kind: 'integer',
    default: byDefault,
    minimum: 1,
    about,
  });
  return {
    [`class.${name}.recipients`]: setting(limits.recipients, `Recipients of one message of a sender of class ${name}.`),
    [`class.${name}.outside_per_hour`]: setting(
      limits.outsidePerHour,
      'Recipients outside that it may write to in an hour.',
    ),
    [`class.${name}.outside_per_day`]: setting(limits.outsidePerDay, 'The same in a day.'),
    [`class.${name}.new_per_day`]: setting(
      limits.newPerDay,
      'Those of them, in a day, that it never wrote to and that did not write to it.',
    ),
  } as ReturnType<typeof classSettings<Name>>;
}

/** What all vendors of SMS want to be told. */
function vendorSettings<Name extends Exclude<VendorName, 'log'>>(
  name: Name,
  endpoint: string,
): Record<
  `sms.${Name}.${'endpoint' | 'sign_name' | 'template_code' | 'template_password_changed' | 'template_phone_changed' | 'template_mailbox_idle'}`,
  Setting
> {
  const setting = (byDefault: string, about: string): Setting => ({ kind: 'text', default: byDefault, about });
  return {
    [`sms.${name}.endpoint`]: setting(endpoint, `Where ${name} is asked.`),
    [`sms.${name}.sign_name`]: setting('', 'Signature that stands before each text, as filed with the carriers.'),
    [`sms.${name}.template_code`]: setting(
      '',
      'Id of the text of a code: its values are code and minutes, in that order.',
    ),
    [`sms.${name}.template_password_changed`]: setting(
      '',
      'Id of the text, without values, that a password was set anew; empty: not said by SMS.',
    ),
    [`sms.${name}.template_phone_changed`]: setting(
      '',
      'Id of the text, without values, that a telephone was released; empty: not said by SMS.',
    ),
    [`sms.${name}.template_mailbox_idle`]: setting(
      '',
      'Id of the text, without values, that nobody uses the mailbox (roster.idle_sms).',
    ),
  } as ReturnType<typeof vendorSettings<Name>>;
}

/** Keys as they stand in the file, `section.key`. */
export const SETTINGS = {
  data_dir: { kind: 'text', default: './data', about: 'Folder of everything the server keeps.' },
  hostname: {
    kind: 'text',
    default: 'localhost',
    about: 'Name the server gives itself in greetings and Received lines.',
  },

  'listen.smtp': { kind: 'addresses', default: [], about: 'Mail from other servers, "host:port" each.' },
  'listen.lmtp': { kind: 'addresses', default: [], about: 'Mail from an MTA in front of this server (RFC 2033).' },
  'listen.submission': {
    kind: 'addresses',
    default: [],
    about: 'Mail that signed-in people send, STARTTLS (RFC 6409).',
  },
  'listen.submissions': {
    kind: 'addresses',
    default: [],
    about: 'The same with TLS from the start (RFC 8314); Coremail sites publish 994 for it, too.',
  },
  'listen.imap': { kind: 'addresses', default: [], about: 'IMAP with STARTTLS.' },
  'listen.imaps': { kind: 'addresses', default: [], about: 'IMAP over TLS.' },
  'listen.pop3': { kind: 'addresses', default: [], about: 'POP3 with STLS.' },
  'listen.pop3s': { kind: 'addresses', default: [], about: 'POP3 over TLS.' },
  'listen.http': {
    kind: 'addresses',
    default: [],
    about: 'The web, health and metrics, without TLS: for this machine and for proxies.',
  },
  'listen.https': { kind: 'addresses', default: [], about: 'The web over TLS.' },
  'listen.managesieve': { kind: 'addresses', default: [], about: 'Filters from clients (not yet in this version).' },

  'http.redirect_to_https': {
    kind: 'boolean',
    default: true,
    about: 'Whether people who come without TLS, not from this machine, are sent to listen.https where there is one.',
  },
  'http.trusted_proxies': {
    kind: 'texts',
    default: [],
    about:
      'Networks ("10.0.0.0/8") of proxies in front that are believed who asked, and whether by TLS (Forwarded, X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host).',
  },
  'http.cors_origins': {
    kind: 'texts',
    default: [],
    about: 'Other sites ("https://webmail.example.edu") whose pages may use the JMAP interface with an Authorization.',
  },
  'http.metrics_from': {
    kind: 'texts',
    default: ['127.0.0.0/8', '::1/128'],
    about: 'Networks ("10.0.0.0/8") that may read /metrics; to others it is not there.',
  },
  'http.requests_per_minute': {
    kind: 'integer',
    default: 6000,
    minimum: 60,
    about:
      'Requests by one address (IPv6: one /64) in a minute, for each protocol thread; loopback, trusted proxies and auth.shared_networks are exempt.',
  },
  'http.bytes_per_minute': {
    kind: 'integer',
    default: 2 * 1024 ** 3,
    minimum: 1024 * 1024,
    about: 'The same in octets, in and out.',
  },

  'signin.idle_days': {
    kind: 'integer',
    default: 7,
    minimum: 1,
    about: 'After how long without use a browser is signed out, days.',
  },
  'signin.absolute_days': {
    kind: 'integer',
    default: 30,
    minimum: 1,
    about: 'After how long a browser is signed out in any case, days.',
  },
  'signin.captcha_after': {
    kind: 'integer',
    default: 3,
    minimum: 0,
    about:
      'Failed sign-ins at one name from one address within 15 minutes (or five times as many from the address) after which a web page has to do some work first; 0: always.',
  },

  'signin.new_place': {
    kind: 'choice',
    default: 'off',
    choices: NEW_PLACES,
    about:
      'When a sign-in on the web has to show a code sent to the telephone that the account is bound to, although its owner has set up no second step: from a country, or a place (in China a city), that it was not signed in from within 90 days.',
  },
  'signin.after_suspension': {
    kind: 'choice',
    default: 'step',
    choices: AFTER_SUSPENSION,
    about:
      'What the next sign-in on the web has to show once an account was suspended and is open again, or was stopped from sending: nothing; a second step, by SMS where none is set up and a telephone is bound, by a code of the help desk (campusmail account second-step --code) where neither is; or that and a new password.',
  },

  realm: {
    kind: 'tables',
    default: [],
    about: 'Sets of people who sign in at places of their own: staff, students.',
    fields: REALM_FIELDS,
  },

  'sso.kind': {
    kind: 'choice',
    default: 'none',
    choices: ['none', 'cas', 'oidc'],
    about: "How the school's own sign-in (统一身份认证) is spoken to: CAS 2.0/3.0 or OpenID Connect.",
  },
  'sso.name': { kind: 'text', default: '统一身份认证', about: 'What pages call it in Chinese.' },
  'sso.english_name': { kind: 'text', default: 'Campus sign-in', about: 'The same in English.' },
  'sso.number_attributes': {
    kind: 'texts',
    default: ['XGH', 'GH', 'XH', 'ID_NUMBER', 'employeeNumber', 'userName', 'uid', 'preferred_username', 'user', 'sub'],
    about:
      "Attributes (CAS) or claims (OpenID Connect) that may hold 工号 or 学号: the first that is there counts; user: CAS's user name.",
  },
  'sso.name_attributes': {
    kind: 'texts',
    default: ['XM', 'cn', 'USER_NAME', 'name'],
    about: "The same for the person's name, which is shown to the help desk.",
  },
  'sso.skips_second_step': {
    kind: 'boolean',
    default: false,
    about:
      'Whether the campus sign-in stands for the second step of accounts that have one; otherwise their owners sign in by password.',
  },
  'sso.cas_url': {
    kind: 'text',
    default: '',
    about: 'Address of the CAS server, as "https://cas.example.edu/authserver".',
  },
  'sso.cas_login_path': { kind: 'text', default: '/login', about: 'Where people sign in there.' },
  'sso.cas_validate_path': {
    kind: 'text',
    default: '/p3/serviceValidate',
    about: 'Where tickets are validated there; older servers have /serviceValidate alone.',
  },
  'sso.cas_logout_path': { kind: 'text', default: '/logout', about: 'Where people sign out there.' },
  'sso.cas_state': {
    kind: 'boolean',
    default: true,
    about:
      'Whether the address of our page carries a random value, against sign-ins in the name of somebody else; false only where the server wants that address letter for letter.',
  },
  'sso.oidc_issuer': {
    kind: 'text',
    default: '',
    about: 'Address of the OpenID provider, where its configuration is found.',
  },
  'sso.oidc_client_id': { kind: 'text', default: '', about: 'Our name there.' },
  'sso.oidc_client_secret': { kind: 'text', default: '', isSecret: true, about: 'Our secret there.' },
  'sso.oidc_scopes': { kind: 'texts', default: ['profile'], about: 'Scopes asked for beside openid.' },

  oauth_client: {
    kind: 'tables',
    default: [],
    about:
      'Programs that people may let in by a token (OAuth 2) instead of a password. Without one no token is taken or given out.',
    fields: OAUTH_CLIENT_FIELDS,
  },
  'portal.secrets': {
    kind: 'texts',
    default: [],
    about:
      'Portals of the school that may ask for tickets and counts of unread mail, each as "NAME SECRET" with a secret of 32 characters or more.',
  },

  domain_sunset: {
    kind: 'tables',
    default: [],
    about: 'Domains that are given up for another, each by its instants.',
    fields: SUNSET_FIELDS,
  },
  maintenance: {
    kind: 'tables',
    default: [],
    about:
      'Times in which a domain rests: other servers are asked to come back later, and what is sent here waits in the queue.',
    fields: MAINTENANCE_FIELDS,
  },

  'site.name': { kind: 'text', default: '', about: "The university's name, in Chinese, as pages show it." },
  'site.english_name': { kind: 'text', default: '', about: 'The same in English; empty: as in Chinese.' },
  'site.pinyin': {
    kind: 'text',
    default: '',
    about: 'The Chinese name in pinyin, "kunming ligong daxue", to be found by; empty: made from the name.',
  },
  'site.phones': { kind: 'texts', default: [], about: 'Telephones of the help desk.' },
  'site.mail': { kind: 'text', default: '', about: 'Address of the help desk.' },
  'site.notices': {
    kind: 'texts',
    default: [],
    about:
      'Notices on the sign-in page, "2026-09-01 Title https://example.edu/notice" each; the address may be left out.',
  },

  'auth.plaintext_on_loopback': {
    kind: 'boolean',
    default: false,
    about: 'Lets clients on 127.0.0.0/8 and ::1 send passwords without TLS.',
  },
  'auth.default_domain': {
    kind: 'text',
    default: '',
    about: 'Domain of sign-in names given without one; empty: whichever domain has the only account of that name.',
  },
  'auth.phone_logins': {
    kind: 'boolean',
    default: false,
    about:
      'Whether people may sign in on the web by the telephone that is bound to their account, and to no other that is let in at that host.',
  },
  'auth.argon2_memory_kib': { kind: 'integer', default: 19456, minimum: 8, about: 'Memory of one password hash, KiB.' },
  'auth.argon2_passes': { kind: 'integer', default: 2, minimum: 1, about: 'Passes of one password hash.' },
  'auth.limits_on_loopback': {
    kind: 'boolean',
    default: true,
    about: 'Counts failed sign-ins from 127.0.0.0/8 and ::1 like those of any other address.',
  },
  'auth.shared_networks': {
    kind: 'texts',
    default: [],
    about: 'Networks ("10.0.0.0/8") behind one address of which thousands sign in: watched, never closed as a whole.',
  },
  'auth.client_password_domains': {
    kind: 'texts',
    default: [],
    about:
      'Domains whose accounts mail programs open with client passwords alone; elsewhere only where the owner has set a second step up.',
  },
  'auth.old_server': {
    kind: 'text',
    default: '',
    about:
      'The old mail system, "oldmail.example.edu.cn:993", asked by IMAP over TLS for accounts whose password verifier is "{IMAP}login".',
  },
  'auth.old_server_ca': {
    kind: 'text',
    default: '',
    about: 'PEM of who signed its certificate; empty: one that the system trusts.',
  },
  'auth.postmaster': {
    kind: 'text',
    default: '',
    about: 'Address that gets the mail for postmaster and abuse; empty: the oldest account.',
  },

  'tls.cert': { kind: 'text', default: '', about: 'PEM certificate chain; empty: a self-signed one is made.' },
  'tls.key': { kind: 'text', default: '', about: 'PEM private key.' },
  'tls.certificates': {
    kind: 'tables',
    default: [],
    about:
      'Further certificates; who connects gets the first that is for the host it asked for, otherwise tls.cert (without that, the first of these).',
    fields: {
      cert: { kind: 'text', default: '', about: 'PEM certificate chain.' },
      key: { kind: 'text', default: '', about: 'PEM private key.' },
    },
  },

  'dns.servers': {
    kind: 'texts',
    default: [],
    about: 'Resolvers to ask instead of the system\'s, "address" or "address:port", tried in this order.',
  },
  'dns.trust_ad': {
    kind: 'choice',
    default: 'auto',
    choices: ['auto', 'always', 'never'],
    about:
      'Whose word counts that an answer is validated by DNSSEC; auto: resolvers on this machine, and those of a resolv.conf with trust-ad.',
  },

  'store.url': {
    kind: 'text',
    default: 'sqlite:',
    about: 'Where mailboxes are: "sqlite:" (in data_dir) or "postgres://user:password@host/database".',
  },
  'blobs.url': {
    kind: 'text',
    default: 'file:',
    about: 'Where messages are: "file:" (in data_dir) or "file:/folder".',
  },

  'server.threads': {
    kind: 'integer',
    default: 0,
    minimum: 0,
    about: 'Protocol threads beside the writer; 0: by the number of cores.',
  },
  'limits.message_bytes': {
    kind: 'integer',
    default: 100 * 1024 * 1024,
    minimum: 1024,
    about: 'Largest message, octets.',
  },
  'limits.recipients': { kind: 'integer', default: 1000, minimum: 100, about: 'Recipients of one SMTP transaction.' },
  'limits.connections': { kind: 'integer', default: 20_000, minimum: 1, about: 'Connections to one protocol, in all.' },
  'limits.connections_per_address': {
    kind: 'integer',
    default: 200,
    minimum: 1,
    about: 'Connections to one protocol from one address (IPv6: one /64); loopback is exempt.',
  },
  'limits.quota_bytes': {
    kind: 'integer',
    default: 10 * 1024 ** 3,
    minimum: 0,
    about: 'Quota of a new account, octets; 0: none.',
  },

  'queue.port': {
    kind: 'integer',
    default: 25,
    minimum: 1,
    about: "Port of other domains' mail servers; another than 25 only for tests.",
  },
  'queue.private_addresses': {
    kind: 'boolean',
    default: false,
    about: 'Whether mail may go to servers on loopback and private addresses; routes always may.',
  },
  'queue.prefer_ipv6': {
    kind: 'boolean',
    default: false,
    about: 'Whether servers are tried by IPv6 first: only with a PTR record for our own IPv6 address.',
  },
  'queue.routes': {
    kind: 'texts',
    default: [],
    about:
      'How mail leaves, by domain: "example.org,*.example.org via relay.example.net:587 user=NAME password=SECRET tls=required source=192.0.2.1"; "*" is every other domain, "via mx" its own servers.',
  },

  'submission.save_sent': {
    kind: 'choice',
    default: 'off',
    choices: ['on', 'off'],
    about:
      'Whether the server puts a copy of what an account sends into its Sent; a copy that the mail program puts there itself, before or after, stays the only one.',
  },
  'submission.sent_copies': {
    kind: 'choice',
    default: 'box',
    choices: ['box', 'both'],
    about:
      'Where the server puts the copy of what somebody writes as another account (submission.save_sent): into that account’s Sent, or into the Sent of the writer as well.',
  },
  'submission.suspend_after': {
    kind: 'integer',
    default: SENDING_LIMITS.suspendAfter,
    minimum: 0,
    about:
      'Messages refused to an account for sending too much, less than a day between them, after which it may not send until somebody allows it; 0: never.',
  },

  ...classSettings('staff'),
  ...classSettings('student'),
  ...classSettings('alumni'),
  ...classSettings('department'),

  'trust.dmarc': {
    kind: 'choice',
    default: 'reject',
    choices: ['reject', 'quarantine', 'mark', 'off'],
    about:
      "The most that is done with mail whose author's domain does not stand by it (DMARC): as that domain asks, but no more than this.",
  },
  'trust.dmarc_tempfail': {
    kind: 'boolean',
    default: false,
    about: 'Whether to ask the sender to come back when the DNS could not tell who sent a message.',
  },
  'trust.trusted_sealers': {
    kind: 'texts',
    default: [],
    about: 'Domains of lists and forwarders whose ARC seal counts for mail that they changed on the way.',
  },
  'trust.exempt_networks': {
    kind: 'texts',
    default: ['127.0.0.0/8', '::1/128'],
    about: 'Networks ("10.0.0.0/8") whose mail is not judged: our own machines.',
  },
  'trust.send_reports': {
    kind: 'boolean',
    default: false,
    about:
      'Whether the owners of other domains, where they ask for it, are told each day what was seen of their mail (DMARC) and of connections to their servers (TLS).',
  },
  'trust.report_from': {
    kind: 'text',
    default: '',
    about:
      'Address that those reports come from; its domain should sign by DKIM. Empty: postmaster of auth.default_domain, or of the first domain.',
  },

  'groups.max_members': {
    kind: 'integer',
    default: 10_000,
    minimum: 1,
    about: 'Members a group address may have directly.',
  },
  'groups.large_members': {
    kind: 'integer',
    default: 500,
    minimum: 1,
    about: 'Members above which a group cannot be open to everyone, unless an operator insists.',
  },

  'forwarding.copy': {
    kind: 'choice',
    default: 'always',
    choices: ['always', 'choice'],
    about: 'Whether mail that an account forwards stays in its mailbox always, or as was set for the account.',
  },
  'forwarding.outside': {
    kind: 'choice',
    default: 'allowed',
    choices: ['allowed', 'refused'],
    about:
      'Whether accounts may forward their mail to other sites. What was set before is stopped, and its owner told.',
  },
  'forwarding.barred_domains': {
    kind: 'texts',
    default: [],
    about: 'Domains of ours whose accounts may forward to nobody outside: say, that of the staff.',
  },
  'forwarding.allowed_targets': {
    kind: 'texts',
    default: [],
    about: 'The only domains outside that mail may be forwarded to; none: any.',
  },

  'roster.domains': {
    kind: 'texts',
    default: [],
    about:
      'Domain of the addresses that the roster makes, "staff example.edu" and "student stu.example.edu"; that of the first realm of that class where nothing is said. The realm says, too, whether accounts are to be activated; without one, students\' are.',
  },
  'roster.initial_passwords': {
    kind: 'texts',
    default: ['student -2022 kust{idTail(6)}', 'student 2023- Kust{idTail(8)}', 'staff Kust{idTail(8)}'],
    about:
      'First passwords by kind and year of enrolment, made of literals, {idTail(n)}, {idTail(n, skipCheck)}, {noTail(n)} and {birthday}; in the first year of a rule the one of the year before is taken, too.',
  },
  'roster.initial_password_without_id': {
    kind: 'text',
    default: 'Kust{noTail(8)}',
    about: 'That of people without an identity number of 18 characters; their accounts must always be activated.',
  },
  'roster.initial_days': {
    kind: 'integer',
    default: 90,
    minimum: 0,
    about: 'How long a first password is good, days; 0: without end.',
  },
  'roster.max_closed_percent': {
    kind: 'integer',
    default: 2,
    minimum: 0,
    about:
      'Of a hundred people, how many one run of the roster may close, or be frozen in a day since nobody uses their accounts, unless an operator insists; one always.',
  },
  'roster.ldap_url': {
    kind: 'text',
    default: '',
    about: 'Directory that campusmail roster pull reads people from, "ldaps://directory.example.edu"; empty: none.',
  },
  'roster.ldap_bind_dn': { kind: 'text', default: '', about: 'As whom it is asked; empty: as nobody in particular.' },
  'roster.ldap_password': { kind: 'text', default: '', isSecret: true, about: 'The password for that.' },
  'roster.ldap_base': { kind: 'text', default: '', about: 'Where in it people are, "ou=people,dc=example,dc=edu".' },
  'roster.ldap_filter': { kind: 'text', default: '(objectClass=person)', about: 'Which entries are people.' },
  'roster.ldap_columns': {
    kind: 'texts',
    default: ['uid 学工号', 'cn 姓名', 'employeeType 人员类别', 'ou 单位'],
    about: 'Which attribute is which column of a list of people, "uid 学工号" each.',
  },
  'roster.ldap_every_hours': {
    kind: 'integer',
    default: 0,
    minimum: 0,
    about: 'How often the whole directory is pulled, hours, within what the guard allows; 0: only by command.',
  },
  'roster.life': {
    kind: 'texts',
    default: [
      'staff receive-only=30 suspended=180 deleting=335 purged=365',
      'student receive-only=180 suspended=365 deleting=370 purged=400',
    ],
    about:
      'What becomes of accounts whose people have left, by kind and year of enrolment ("student 2023- …"): stages with the days after which they come, of restricted, receive-only, forward-only, suspended, deleting, purged.',
  },
  'roster.idle': {
    kind: 'texts',
    default: [],
    about:
      'What becomes of accounts that nobody signs in to, by class of service ("student warned=150 frozen=365 dormant=395"): days after the last use when the owner is warned, when nobody signs in any more until they show who they are, and when no mail is taken any more; none: nothing.',
  },
  'roster.idle_sms': {
    kind: 'boolean',
    default: false,
    about: 'Whether they are warned by SMS, too, where a telephone is bound.',
  },
  'roster.box_vacant_days': {
    kind: 'integer',
    default: 0,
    minimum: 0,
    about:
      'How many days the mailbox of a department may be opened once who answers for it has left, unless another is named; 0: as long as anybody likes.',
  },
  'roster.box_review': {
    kind: 'boolean',
    default: false,
    about: 'Whether those who answer for such mailboxes are asked each December whether all is still right.',
  },

  'migration.source': {
    kind: 'text',
    default: '',
    about: 'The mail system that was here before, "oldmail.example.edu.cn:993", read by IMAP; empty: none.',
  },
  'migration.tls': {
    kind: 'choice',
    default: 'implicit',
    choices: ['implicit', 'starttls', 'none'],
    about: 'How it is spoken to: TLS from the first octet, STARTTLS, or none, on the same machine alone.',
  },
  'migration.ca': {
    kind: 'text',
    default: '',
    about: 'PEM of who signed its certificate; empty: one that the system trusts.',
  },
  'migration.master_user': {
    kind: 'text',
    default: '',
    about: 'Who there may open every mailbox: a master user of Dovecot, an administrator of Cyrus.',
  },
  'migration.master_password': { kind: 'text', default: '', isSecret: true, about: 'Their password.' },
  'migration.master_separator': {
    kind: 'text',
    default: '',
    about:
      'What stands between the two names where they sign in as "login*master"; empty: as the master user, acting for the login (AUTHENTICATE PLAIN).',
  },
  'migration.base_until': {
    kind: 'instant',
    default: '',
    about: 'What came up to then, to the end of a day, the base pass brings: "2019-07-11", or an instant.',
  },
  'migration.accounts_at_once': {
    kind: 'integer',
    default: 4,
    minimum: 1,
    about: 'Accounts brought side by side; each holds up to some 30 MB and one message.',
  },
  'migration.pause_ms': {
    kind: 'integer',
    default: 0,
    minimum: 0,
    about: 'Between two accounts, milliseconds, where the old system has to breathe.',
  },

  'dkim.automatic': {
    kind: 'boolean',
    default: true,
    about: 'Whether DKIM keys are made for every domain, and sign once the DNS shows their records.',
  },
  'dkim.algorithms': {
    kind: 'texts',
    default: ['rsa-sha256', 'ed25519-sha256'],
    about: 'What keys are made for: "rsa-sha256", which everybody can verify, and "ed25519-sha256".',
  },
  'dkim.rotate_days': {
    kind: 'integer',
    default: 180,
    minimum: 0,
    about: 'How long a key signs before the next one is made, days; 0: for ever.',
  },

  'mta_sts.mode': {
    kind: 'choice',
    default: 'none',
    choices: ['none', 'testing', 'enforce'],
    about:
      'Our own MTA-STS policy, served to mta-sts.DOMAIN at /.well-known/mta-sts.txt; needs a web server with HTTPS in front.',
  },

  'jmap.max_upload_bytes': {
    kind: 'integer',
    default: 50_000_000,
    minimum: 1,
    about: 'Octets of one file that a client of the web or of JMAP uploads; never less than limits.message_bytes.',
  },
  'jmap.upload_quota_bytes': {
    kind: 'integer',
    default: 1_000_000_000,
    minimum: 1,
    about: 'Octets of all uploads of an account together; each stays for a day after its last use.',
  },

  'alias.reserved': {
    kind: 'texts',
    default: [],
    about:
      'Names that nobody may choose as alias, beside those no school gives away and what the units of the roster are called for short (教务处: jwc, jiaowuchu).',
  },

  'sms.vendors': {
    kind: 'texts',
    default: [],
    about:
      'Who sends codes to telephones, in the order in which they are asked: "aliyun", "tencent"; "log" for a demonstration, whose codes stand in the log. None: no activation and no recovery by telephone.',
  },
  'sms.per_day': {
    kind: 'integer',
    default: 20_000,
    minimum: 1,
    about: 'SMS in a day, in Shanghai, after which none is sent: what a mistake or a bomb costs at most.',
  },
  'sms.per_month': { kind: 'integer', default: 200_000, minimum: 1, about: 'The same in a month.' },
  'sms.per_address_hour': {
    kind: 'integer',
    default: 20,
    minimum: 1,
    about: 'SMS asked for by one address (IPv6: one /64) in an hour; auth.shared_networks are exempt.',
  },
  'sms.per_network_hour': { kind: 'integer', default: 60, minimum: 1, about: 'The same by one IPv4 /24.' },
  'sms.per_prefix_hour': {
    kind: 'integer',
    default: 500,
    minimum: 1,
    about:
      'SMS to the numbers of one range (the first seven digits) in an hour: whoever runs through numbers is stopped, a faculty with SIM cards of one box is not.',
  },
  'sms.timeout_seconds': { kind: 'integer', default: 5, minimum: 1, about: 'How long a vendor may take, seconds.' },
  ...vendorSettings('aliyun', 'https://dysmsapi.aliyuncs.com'),
  'sms.aliyun.key_id': { kind: 'text', default: '', about: 'AccessKey ID.' },
  'sms.aliyun.key_secret': { kind: 'text', default: '', isSecret: true, about: 'AccessKey secret.' },
  ...vendorSettings('tencent', 'https://sms.tencentcloudapi.com'),
  'sms.tencent.secret_id': { kind: 'text', default: '', about: 'SecretId.' },
  'sms.tencent.secret_key': { kind: 'text', default: '', isSecret: true, about: 'SecretKey.' },
  'sms.tencent.sdk_app_id': { kind: 'text', default: '', about: 'SmsSdkAppId of the application.' },
  'sms.tencent.region': { kind: 'text', default: 'ap-guangzhou', about: 'Region of the service.' },

  'mail.deleted_days': {
    kind: 'integer',
    default: 30,
    minimum: 0,
    about:
      'How long people can have back what they deleted for good (emptied from the trash, expunged by a program), days; it is not counted in their quota. 0: not at all.',
  },

  'mail.trash_days': {
    kind: 'integer',
    default: 30,
    minimum: 0,
    about:
      'How long mail stays in the trash, days, before the server deletes it as its owner would (mail.deleted_days still has it). Never mail of an archive or of an account on hold. 0: until somebody deletes it.',
  },
  'mail.junk_days': {
    kind: 'integer',
    default: 15,
    minimum: 0,
    about: 'The same for junk.',
  },

  'trace.keep_days': {
    kind: 'integer',
    default: 400,
    minimum: 180,
    about: 'How long it is kept what became of each message, days; the law asks for half a year.',
  },

  'audit.keep_days': {
    kind: 'integer',
    default: 400,
    minimum: 180,
    about:
      'How long it is kept who did what (sign-ins, administration, changes of who is who), days; the law asks for half a year.',
  },
  'trace.shown_days': {
    kind: 'integer',
    default: 30,
    minimum: 1,
    about: 'How far back people see what became of the messages they sent and got, days.',
  },
  'trace.read_status': {
    kind: 'choice',
    default: 'on',
    choices: ['on', 'off'],
    about: 'Whether senders see that a mailbox here has their message as read.',
  },
  'recall.mode': {
    kind: 'choice',
    default: 'unread',
    choices: ['off', 'unread', 'any'],
    about: 'Whether senders may take messages back from mailboxes here: not at all, those not read yet, or any.',
  },
  'recall.days': {
    kind: 'integer',
    default: 7,
    minimum: 1,
    about: 'For how long after sending, days.',
  },

  'log.level': {
    kind: 'choice',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error'],
    about: 'The least grave level that is logged.',
  },
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof SETTINGS;

export interface Config {
  readonly dataDir: string;
  readonly hostname: string;
  readonly listen: Readonly<Record<ListenerName, readonly HostPort[]>>;
  readonly http: {
    readonly redirectToHttps: boolean;
    readonly trustedProxies: readonly string[];
    readonly corsOrigins: readonly string[];
    readonly metricsFrom: readonly string[];
    readonly requestsPerMinute: number;
    readonly bytesPerMinute: number;
  };
  readonly signin: {
    readonly idleDays: number;
    readonly absoluteDays: number;
    readonly captchaAfter: number;
    readonly newPlace: NewPlace;
    readonly afterSuspension: AfterSuspension;
  };
  readonly realms: readonly Realm[];
  readonly domainPlans: DomainPlans;
  readonly oauthClients: readonly OAuthClient[];
  readonly sso: {
    readonly kind: 'none' | 'cas' | 'oidc';
    readonly name: string;
    readonly englishName: string;
    readonly numberAttributes: readonly string[];
    readonly nameAttributes: readonly string[];
    readonly skipsSecondStep: boolean;
    readonly casUrl: string;
    readonly casLoginPath: string;
    readonly casValidatePath: string;
    readonly casLogoutPath: string;
    readonly casState: boolean;
    readonly oidcIssuer: string;
    readonly oidcClientId: string;
    readonly oidcClientSecret: string;
    readonly oidcScopes: readonly string[];
  };
  /** What portals of the school show us. */
  readonly portal: { readonly secrets: readonly { readonly name: string; readonly secret: string }[] };
  readonly site: {
    readonly name: string;
    readonly englishName: string;
    readonly pinyin: string;
    readonly phones: readonly string[];
    readonly mail: string;
    /** The newest first. */
    readonly notices: readonly SiteNotice[];
  };
  readonly alias: { readonly reserved: readonly string[] };
  readonly sms: SmsSettings & VendorSettings;
  readonly auth: {
    readonly plaintextOnLoopback: boolean;
    readonly defaultDomain: string;
    readonly phoneLogins: boolean;
    readonly argon2MemoryKib: number;
    readonly argon2Passes: number;
    readonly limitsOnLoopback: boolean;
    readonly sharedNetworks: readonly string[];
    readonly clientPasswordDomains: readonly string[];
    readonly oldServer: string;
    readonly oldServerCa: string;
    readonly postmaster: string;
  };
  readonly tls: CertificateFiles & { readonly certificates: readonly CertificateFiles[] };
  readonly dns: { readonly servers: readonly string[]; readonly trustAd: TrustAd };
  readonly store: { readonly url: string };
  readonly blobs: { readonly url: string };
  readonly server: { readonly threads: number };
  readonly limits: {
    readonly messageBytes: number;
    readonly recipients: number;
    readonly connections: number;
    readonly connectionsPerAddress: number;
    /** 0: none. */
    readonly quotaBytes: number;
  };
  readonly queue: {
    readonly port: number;
    readonly privateAddresses: boolean;
    readonly preferIPv6: boolean;
    readonly routes: readonly Route[];
  };
  readonly submission: {
    readonly saveSent: 'on' | 'off';
    readonly sentCopies: 'box' | 'both';
    readonly suspendAfter: number;
  };
  readonly class: Readonly<Record<ServiceClass, ClassLimits>>;
  readonly trust: {
    readonly dmarc: 'reject' | 'quarantine' | 'mark' | 'off';
    readonly dmarcTempfail: boolean;
    readonly trustedSealers: readonly string[];
    readonly exemptNetworks: readonly string[];
    readonly sendReports: boolean;
    /** '' where nothing is said. */
    readonly reportFrom: string;
  };
  readonly forwarding: ForwardingRules;
  readonly groups: { readonly maxMembers: number; readonly largeMembers: number };
  readonly roster: {
    readonly domains: readonly (readonly [Population, string])[];
    readonly initialPasswords: InitialPasswordSettings;
    /** 0: without end. */
    readonly initialDays: number;
    readonly maxClosedPercent: number;
    readonly life: readonly LifeRule[];
    readonly idle: readonly IdleRule[];
    readonly idleSms: boolean;
    /** Null: no such bound. */
    readonly boxVacantDays: number | null;
    readonly boxReview: boolean;
    /** Null: none. */
    readonly ldap: LdapSettings | null;
    /** 0: only by command. */
    readonly ldapEveryHours: number;
  };
  readonly migration: Pick<SourceSettings, 'tls' | 'masterUser' | 'masterPassword' | 'masterSeparator'> & {
    /** Null: none. */
    readonly source: HostPort | null;
    /** Of a file. */
    readonly ca: string;
    /** INTERNALDATE before then, milliseconds; null: it is to be said with the command. */
    readonly baseUntil: number | null;
    readonly accountsAtOnce: number;
    readonly pauseMs: number;
  };
  readonly dkim: {
    readonly automatic: boolean;
    readonly algorithms: readonly SigningAlgorithm[];
    readonly rotateDays: number;
  };
  readonly mtaSts: { readonly mode: 'none' | 'testing' | 'enforce' };
  readonly jmap: { readonly maxUploadBytes: number; readonly uploadQuotaBytes: number };
  readonly mail: { readonly deletedDays: number; readonly trashDays: number; readonly junkDays: number };
  readonly audit: { readonly keepDays: number };
  readonly trace: { readonly keepDays: number; readonly shownDays: number; readonly readStatus: 'on' | 'off' };
  readonly recall: { readonly mode: 'off' | 'unread' | 'any'; readonly days: number };
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error' };
}

/** What is wrong with the settings, in words for the person who wrote them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Values = Record<string, unknown>;

/**
 * Reads settings from the text of a TOML file and from CAMPUSMAIL_… variables, in that order of weakness.
 * `fileName` only names the file in messages. Throws ConfigError.
 */
export function readConfig(
  toml: string,
  fileName: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const values: Values = {};
  for (const [key, setting] of Object.entries<Setting>(SETTINGS)) values[key] = setting.default;
  readToml(toml, fileName, values);
  readEnvironment(environment, values);
  return toConfig(values);
}

function readToml(toml: string, fileName: string, values: Values): void {
  let document: Record<string, unknown>;
  try {
    document = parseToml(toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n')[0] as string;
    throw new ConfigError(`${fileName}:${error.line}:${error.column}: ${reason}`, { cause: error });
  }
  readTable(document, '', fileName, values);
}

/** A section, and those within it: `[class.student]`. */
function readTable(table: Readonly<Record<string, unknown>>, prefix: string, fileName: string, values: Values): void {
  for (const [name, value] of Object.entries(table)) {
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
    if (isSection) readTable(value as Record<string, unknown>, `${prefix}${name}.`, fileName, values);
    else assign(values, `${prefix}${name}`, value, fileName);
  }
}

function assign(values: Values, key: string, value: unknown, where: string): void {
  if (!isSettingKey(key))
    throw new ConfigError(`${where}: there is no setting "${key}"${suggest(key, Object.keys(SETTINGS))}`);
  values[key] = checkValue(SETTINGS[key], key, value, where);
}

function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

/** `CAMPUSMAIL_LISTEN_IMAP` for `listen.imap`. */
export function variableName(key: string): string {
  return `CAMPUSMAIL_${key.replaceAll('.', '_').toUpperCase()}`;
}

function readEnvironment(environment: Readonly<Record<string, string | undefined>>, values: Values): void {
  const keys = new Map(Object.keys(SETTINGS).map((key) => [variableName(key), key as SettingKey]));
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('CAMPUSMAIL_') || text === undefined) continue;
    const key = keys.get(name);
    if (key === undefined)
      throw new ConfigError(`there is no setting behind ${name}${suggest(name, [...keys.keys()])}`);
    values[key] = checkValue(SETTINGS[key], key, parseText(SETTINGS[key], text), name);
  }
}

function parseText(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case 'integer':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
    case 'texts':
    case 'addresses':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'tables':
      return parseJsonOrText(text);
    case 'text':
    case 'instant':
    case 'choice':
      return text;
  }
}

/** What is no JSON is no list of tables, and refused as such. */
function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function checkValue(setting: Setting, key: string, value: unknown, where: string): unknown {
  const wrong = (wanted: string): never => {
    throw new ConfigError(`${where}: ${key} must be ${wanted}, not ${JSON.stringify(value)}`);
  };
  switch (setting.kind) {
    case 'text':
      return typeof value === 'string' ? value : wrong('a text');
    case 'instant':
      // As it was written: TOML's own dates know whether they have a time and a zone.
      return typeof value === 'string'
        ? value
        : value instanceof Date
          ? value.toISOString()
          : wrong('a day or an instant');
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong('true or false');
    case 'integer': {
      const minimum = setting.minimum ?? 0;
      const isGood = typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum;
      return isGood ? value : wrong(`a whole number of at least ${minimum}`);
    }
    case 'choice':
      return setting.choices?.includes(value as string) ? value : wrong(`one of ${setting.choices?.join(', ')}`);
    case 'texts':
      return isTexts(value) ? value : wrong('a list of texts');
    case 'tables':
      return isTables(value)
        ? value.map((table) => checkTable(setting.fields ?? {}, key, table, where))
        : wrong(`tables, [[${key}]] each`);
    case 'addresses':
      return isTexts(value)
        ? value.map((item) => parseHostPort(item) ?? wrong('a list of "host:port"'))
        : wrong('a list of "host:port"');
  }
}

/** One table of several, with its defaults. */
function checkTable(
  fields: Readonly<Record<string, Setting>>,
  key: string,
  table: Readonly<Record<string, unknown>>,
  where: string,
): Values {
  const values: Values = {};
  for (const [name, field] of Object.entries(fields)) values[name] = field.default;
  for (const [name, value] of Object.entries(table)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined)
      throw new ConfigError(`${where}: a ${key} has no "${name}"${suggest(name, Object.keys(fields))}`);
    values[name] = checkValue(field, `${key}.${name}`, value, where);
  }
  return values;
}

function isTables(value: unknown): value is Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function readDomain(key: string, text: string): string {
  const domain = canonicalizeDomain(text);
  if (domain === undefined) throw new ConfigError(`${key}: "${text}" is not a domain`);
  return domain;
}

/** `127.0.0.1:25`, `[::1]:25`, `:25` (every address). */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65535) return undefined;
  const host = match[1] ?? match[2] ?? '';
  return { host: host === '' || host === '*' ? '::' : host, port: Number(match[3]) };
}

/** `2026-09-01 Title https://example.edu/notice`. */
function readNotice(line: string, at: number): SiteNotice {
  const match = /^\s*(\d{4}-\d\d-\d\d)\s+(\S.*?)(?:\s+(https?:\/\/\S+))?\s*$/.exec(line);
  const [, publishedOn = '', title = '', url] = match ?? [];
  if (match === null || Number.isNaN(Date.parse(publishedOn)) || (url !== undefined && !URL.canParse(url))) {
    throw new ConfigError(
      `site.notices: "${line}" is not a day and a title, as "2026-09-01 Title https://example.edu/notice"`,
    );
  }
  return { id: String(at), title, publishedOn, url: url ?? null };
}

/** What was read, unless it is a text that says what is wrong. */
function orThrow<T>(read: T | string, where = ''): T {
  if (typeof read === 'string') throw new ConfigError(`${where}${read}`);
  return read;
}

/** What `parse` makes of a line; it answers what is wrong with one, as the end of a sentence. */
function readLine<T>(key: string, line: string, parse: (line: string) => T | string): T {
  const parsed = parse(line);
  if (typeof parsed === 'string') throw new ConfigError(`${key}: "${line}" ${parsed}`);
  return parsed;
}

function readLdapSettings(value: <T>(key: SettingKey) => T): LdapSettings {
  const url = value<string>('roster.ldap_url');
  if (!/^ldaps?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new ConfigError(`roster.ldap_url must begin with "ldaps://" or "ldap://", not ${JSON.stringify(url)}`);
  return {
    url,
    bindDn: value('roster.ldap_bind_dn'),
    password: value('roster.ldap_password'),
    base: value('roster.ldap_base'),
    filter: value('roster.ldap_filter'),
    columns: value<string[]>('roster.ldap_columns').map((line) => {
      const [attribute = '', column = '', ...more] = line.trim().split(/\s+/);
      if (column === '' || more.length > 0)
        throw new ConfigError(`roster.ldap_columns: "${line}" is not an attribute and a column, as "uid 学工号"`);
      return [attribute, column];
    }),
  };
}

function readMigration(value: <T>(key: SettingKey) => T): Config['migration'] {
  const source = parseHostPort(value('migration.source'));
  const text = value<string>('migration.base_until');
  const baseUntil = text === '' ? null : readInstant(text, 'end');
  if (value('migration.source') !== '' && source === undefined)
    throw new ConfigError(`migration.source must be "host:port", not ${JSON.stringify(value('migration.source'))}`);
  if (baseUntil === undefined) throw new ConfigError(`migration.base_until must be a day or an instant, not "${text}"`);
  return {
    source: source ?? null,
    tls: value('migration.tls'),
    ca: value('migration.ca'),
    masterUser: value('migration.master_user'),
    masterPassword: value('migration.master_password'),
    masterSeparator: value('migration.master_separator'),
    baseUntil,
    accountsAtOnce: value('migration.accounts_at_once'),
    pauseMs: value('migration.pause_ms'),
  };
}

function readPopulation(key: string, text: string): Population {
  const population = POPULATIONS.find((one) => one === text);
  if (population === undefined) throw new ConfigError(`${key}: "${text}" is not one of ${POPULATIONS.join(', ')}`);
  return population;
}

/** `student stu.example.edu`. */
function readPopulationDomain(line: string): readonly [Population, string] {
  const [name = '', domain = '', ...more] = line.trim().split(/\s+/);
  if (more.length > 0) throw new ConfigError(`roster.domains: "${line}" is more than a kind of people and a domain`);
  return [readPopulation('roster.domains', name), readDomain('roster.domains', domain)];
}

function toConfig(values: Values): Config {
  // The table's kinds were checked above; this only gives the values their places.
  const value = <T>(key: SettingKey): T => values[key] as T;
  const listen = Object.fromEntries(LISTENERS.map((name) => [name, value<HostPort[]>(`listen.${name}`)])) as Record<
    ListenerName,
    HostPort[]
  >;
  const classLimits = (name: ServiceClass): ClassLimits => ({
    recipients: value(`class.${name}.recipients`),
    outsidePerHour: value(`class.${name}.outside_per_hour`),
    outsidePerDay: value(`class.${name}.outside_per_day`),
    newPerDay: value(`class.${name}.new_per_day`),
  });
  const config: Config = {
    dataDir: value('data_dir'),
    hostname: value('hostname'),
    listen,
    http: {
      redirectToHttps: value('http.redirect_to_https'),
      trustedProxies: value('http.trusted_proxies'),
      corsOrigins: value('http.cors_origins'),
      metricsFrom: value('http.metrics_from'),
      requestsPerMinute: value('http.requests_per_minute'),
      bytesPerMinute: value('http.bytes_per_minute'),
    },
    signin: {
      idleDays: value('signin.idle_days'),
      absoluteDays: value('signin.absolute_days'),
      captchaAfter: value('signin.captcha_after'),
      newPlace: value('signin.new_place') as NewPlace,
      afterSuspension: value('signin.after_suspension') as AfterSuspension,
    },
    realms: orThrow(readRealms(value('realm')), 'realm: '),
    domainPlans: orThrow(readDomainPlans(value('domain_sunset'), value('maintenance'))),
    oauthClients: orThrow(readOAuthClients(value('oauth_client')), 'oauth_client: '),
    sso: {
      kind: value('sso.kind'),
      name: value('sso.name'),
      englishName: value('sso.english_name'),
      numberAttributes: value('sso.number_attributes'),
      nameAttributes: value('sso.name_attributes'),
      skipsSecondStep: value('sso.skips_second_step'),
      casUrl: value('sso.cas_url'),
      casLoginPath: value('sso.cas_login_path'),
      casValidatePath: value('sso.cas_validate_path'),
      casLogoutPath: value('sso.cas_logout_path'),
      casState: value('sso.cas_state'),
      oidcIssuer: value('sso.oidc_issuer'),
      oidcClientId: value('sso.oidc_client_id'),
      oidcClientSecret: value('sso.oidc_client_secret'),
      oidcScopes: value('sso.oidc_scopes'),
    },
    portal: { secrets: value<readonly string[]>('portal.secrets').map(readPortal) },
    site: {
      name: value('site.name'),
      englishName: value('site.english_name'),
      pinyin: value('site.pinyin'),
      phones: value('site.phones'),
      mail: value('site.mail'),
      notices: value<string[]>('site.notices')
        .map(readNotice)
        .toSorted((a, b) => b.publishedOn.localeCompare(a.publishedOn)),
    },
    alias: { reserved: value('alias.reserved') },
    sms: readSms(value, (message) => {
      throw new ConfigError(message);
    }),
    auth: {
      plaintextOnLoopback: value('auth.plaintext_on_loopback'),
      defaultDomain: value('auth.default_domain'),
      phoneLogins: value('auth.phone_logins'),
      argon2MemoryKib: value('auth.argon2_memory_kib'),
      argon2Passes: value('auth.argon2_passes'),
      limitsOnLoopback: value('auth.limits_on_loopback'),
      sharedNetworks: value('auth.shared_networks'),
      clientPasswordDomains: value<string[]>('auth.client_password_domains').map((domain) =>
        readDomain('auth.client_password_domains', domain),
      ),
      oldServer: value('auth.old_server'),
      oldServerCa: value('auth.old_server_ca'),
      postmaster: value('auth.postmaster'),
    },
    tls: { cert: value('tls.cert'), key: value('tls.key'), certificates: value('tls.certificates') },
    dns: { servers: value('dns.servers'), trustAd: value('dns.trust_ad') },
    store: { url: value('store.url') },
    blobs: { url: value('blobs.url') },
    server: { threads: value('server.threads') },
    limits: {
      messageBytes: value('limits.message_bytes'),
      recipients: value('limits.recipients'),
      connections: value('limits.connections'),
      connectionsPerAddress: value('limits.connections_per_address'),
      quotaBytes: value('limits.quota_bytes'),
    },
    queue: {
      port: value('queue.port'),
      privateAddresses: value('queue.private_addresses'),
      preferIPv6: value('queue.prefer_ipv6'),
      routes: value<string[]>('queue.routes').map((line) => {
        const route = readRoute(line);
        if (typeof route === 'string') throw new ConfigError(`queue.routes: a route ${route}`);
        return route;
      }),
    },
    submission: {
      saveSent: value('submission.save_sent'),
      sentCopies: value('submission.sent_copies'),
      suspendAfter: value('submission.suspend_after'),
    },
    class: {
      staff: classLimits('staff'),
      student: classLimits('student'),
      alumni: classLimits('alumni'),
      department: classLimits('department'),
    },
    trust: {
      dmarc: value('trust.dmarc'),
      dmarcTempfail: value('trust.dmarc_tempfail'),
      trustedSealers: value<string[]>('trust.trusted_sealers').map((domain) => domain.toLowerCase()),
      exemptNetworks: value('trust.exempt_networks'),
      sendReports: value('trust.send_reports'),
      reportFrom: value('trust.report_from'),
    },
    forwarding: {
      copy: value('forwarding.copy'),
      outside: value('forwarding.outside'),
      barredDomains: value<string[]>('forwarding.barred_domains').map((domain) =>
        readDomain('forwarding.barred_domains', domain),
      ),
      allowedTargets: value<string[]>('forwarding.allowed_targets').map((domain) =>
        readDomain('forwarding.allowed_targets', domain),
      ),
    },
    groups: { maxMembers: value('groups.max_members'), largeMembers: value('groups.large_members') },
    roster: {
      domains: value<string[]>('roster.domains').map(readPopulationDomain),
      initialPasswords: {
        rules: value<string[]>('roster.initial_passwords').map((line) =>
          readLine('roster.initial_passwords', line, parseInitialPasswordRule),
        ),
        withoutId: readLine(
          'roster.initial_password_without_id',
          value('roster.initial_password_without_id'),
          parseTemplate,
        ),
      },
      initialDays: value('roster.initial_days'),
      maxClosedPercent: value('roster.max_closed_percent'),
      life: value<string[]>('roster.life').map((line) => readLine('roster.life', line, parseLifeRule)),
      idle: value<string[]>('roster.idle').map((line) => readLine('roster.idle', line, parseIdleRule)),
      idleSms: value('roster.idle_sms'),
      boxVacantDays: value<number>('roster.box_vacant_days') || null,
      boxReview: value('roster.box_review'),
      ldap: value('roster.ldap_url') === '' ? null : readLdapSettings(value),
      ldapEveryHours: value('roster.ldap_every_hours'),
    },
    migration: readMigration(value),
    dkim: {
      automatic: value('dkim.automatic'),
      algorithms: value('dkim.algorithms'),
      rotateDays: value('dkim.rotate_days'),
    },
    mtaSts: { mode: value('mta_sts.mode') },
    jmap: {
      maxUploadBytes: Math.max(value('jmap.max_upload_bytes'), value('limits.message_bytes')),
      uploadQuotaBytes: value('jmap.upload_quota_bytes'),
    },
    mail: {
      deletedDays: value('mail.deleted_days'),
      trashDays: value('mail.trash_days'),
      junkDays: value('mail.junk_days'),
    },
    audit: { keepDays: value('audit.keep_days') },
    trace: {
      keepDays: value('trace.keep_days'),
      shownDays: value('trace.shown_days'),
      readStatus: value('trace.read_status'),
    },
    recall: { mode: value('recall.mode'), days: value('recall.days') },
    log: { level: value('log.level') },
  };
  if ((config.tls.cert === '') !== (config.tls.key === '')) {
    throw new ConfigError('tls.cert and tls.key belong together: set both or neither');
  }
  if (config.tls.certificates.some(({ cert, key }) => cert === '' || key === '')) {
    throw new ConfigError('tls.certificates: each needs cert and key');
  }
  if (!/^(sqlite:|memory:|postgres(ql)?:\/\/)/.test(config.store.url)) {
    throw new ConfigError(
      `store.url must begin with "sqlite:" or "postgres://", not ${JSON.stringify(config.store.url)}`,
    );
  }
  if (!config.blobs.url.startsWith('file:')) {
    throw new ConfigError(`blobs.url must begin with "file:" in this version, not ${JSON.stringify(config.blobs.url)}`);
  }
  for (const [key, networks] of [
    ['auth.shared_networks', config.auth.sharedNetworks],
    ['trust.exempt_networks', config.trust.exemptNetworks],
    ['http.trusted_proxies', config.http.trustedProxies],
    ['http.metrics_from', config.http.metricsFrom],
  ] as const) {
    try {
      createNetworkTest(networks);
    } catch {
      throw new ConfigError(`${key} must be networks such as "10.0.0.0/8", not ${JSON.stringify(networks)}`);
    }
  }
  if (config.trust.reportFrom !== '' && parseAddress(config.trust.reportFrom) === undefined) {
    throw new ConfigError(`trust.report_from must be an address, not ${JSON.stringify(config.trust.reportFrom)}`);
  }
  if (config.site.mail !== '' && parseAddress(config.site.mail) === undefined) {
    throw new ConfigError(`site.mail must be an address, not ${JSON.stringify(config.site.mail)}`);
  }
  const forced = config.realms.find(({ phone }) => phone === 'force');
  if (forced !== undefined && config.sms.vendors.length === 0) {
    throw new ConfigError(`realm ${forced.name}: phone = "force" needs sms.vendors, or nobody could bind one`);
  }
  const { sso } = config;
  const ssoKey = ({ none: '', cas: 'sso.cas_url', oidc: 'sso.oidc_issuer' } as const)[sso.kind];
  const ssoUrl = sso.kind === 'cas' ? sso.casUrl : sso.oidcIssuer;
  if (ssoKey !== '' && !isServerUrl(ssoUrl)) {
    throw new ConfigError(`${ssoKey} must be such as "https://host/path", not ${JSON.stringify(ssoUrl)}`);
  }
  const badOrigin = config.http.corsOrigins.find((text) => !URL.canParse(text) || new URL(text).origin !== text);
  if (badOrigin !== undefined) {
    throw new ConfigError(`http.cors_origins must be such as "https://host", not ${JSON.stringify(badOrigin)}`);
  }
  const badAlgorithm = config.dkim.algorithms.find((name) => !['rsa-sha256', 'ed25519-sha256'].includes(name));
  if (badAlgorithm !== undefined) {
    throw new ConfigError(`dkim.algorithms are "rsa-sha256" and "ed25519-sha256", not ${JSON.stringify(badAlgorithm)}`);
  }
  const badServer = config.dns.servers.find((server) => parseDnsServer(server) === undefined);
  if (badServer !== undefined) {
    throw new ConfigError(`dns.servers must be numeric "address" or "address:port", not ${JSON.stringify(badServer)}`);
  }
  return config;
}

function readPortal(text: string): { readonly name: string; readonly secret: string } {
  const [, name, secret] = /^(\S+) ([\x21-\x7e]{32,})$/.exec(text) ?? [];
  if (name === undefined || secret === undefined)
    throw new ConfigError('portal.secrets are each "NAME SECRET", the secret of 32 characters of ASCII or more');
  return { name, secret };
}

/** HTTPS, or HTTP on this machine: what comes from there says who somebody is. */
function isServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

/** `; did you mean "…"?` when something near enough exists. */
export function suggest(word: string, known: readonly string[]): string {
  let best = '';
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === '' ? '' : `; did you mean "${best}"?`;
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] as number;
}
