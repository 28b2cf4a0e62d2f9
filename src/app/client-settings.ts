/**
 * What mail programs ask for to set themselves up: Thunderbird's autoconfiguration (also read by many others), Outlook's Autodiscover
 * and Apple's configuration profile. Each is told the servers of its user's domain, and never whether that user exists.
 */
import { createHash } from 'node:crypto';
import type { SiteServer } from '#contract/site.ts';
import { parseAddress } from '#directory/address.ts';
import { jsonAnswer, statusAnswer } from '#http/answers.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import { domainOfHost, listServers, type SiteFacts } from './site.ts';
import { escapeHtml } from './status-page.ts';

/** Outlook's question is some 400 octets. */
const QUESTION_BYTES = 16 * 1024;

/** Whose servers are asked for. */
interface Asked {
  readonly domain: string;
  /** As it was asked; undefined where only a host was. */
  readonly address: string | undefined;
  readonly servers: readonly SiteServer[];
}

export function clientSettingsRoutes(facts: SiteFacts): readonly HttpRoute[] {
  const { config, directory, listeners } = facts;
  const { site } = config;

  /** By the address where one is given, else by the host. Undefined: neither is ours. */
  async function find(host: string, text: string | null | undefined): Promise<Asked | undefined> {
    const domains = (await directory.listDomains()).map((row) => row.domain);
    const address = text ? parseAddress(text) : undefined;
    const domain = address === undefined ? domainOfHost(config, domains, host) : address.domain;
    if (domain === undefined || !domains.includes(domain)) return undefined;
    return {
      domain,
      address: address && `${address.localPart}@${domain}`,
      servers: listServers(config, domain, await listeners()),
    };
  }

  const autoconfig = async ({ host, query }: HttpRequest): Promise<HttpAnswer> => {
    // Thunderbird fills in what stands between per cents before it asks; some programs leave it.
    const asked = await find(host, query.get('emailaddress')?.replace(/^%EMAILADDRESS%$/, ''));
    return asked === undefined ? statusAnswer(404) : xml(formatAutoconfig(asked, site.name || asked.domain));
  };

  const autodiscover = async (request: HttpRequest): Promise<HttpAnswer> => {
    const question = (await request.readBody(QUESTION_BYTES)).toString();
    const text = /<EMailAddress>\s*([^<>\s]{3,320})\s*<\/EMailAddress>/i.exec(question)?.[1];
    const asked = await find(request.host, text);
    return asked?.address === undefined ? statusAnswer(404) : xml(formatAutodiscover(asked));
  };

  const autodiscoverJson = async ({ host, origin, query, params }: HttpRequest): Promise<HttpAnswer> => {
    if ((await find(host, params['address'] ?? query.get('Email'))) === undefined) return statusAnswer(404);
    if (query.get('Protocol')?.toLowerCase() !== 'autodiscoverv1') {
      return jsonAnswer(400, {
        ErrorCode: 'InvalidProtocol',
        ErrorMessage: 'The given protocol value is invalid. Supported values are "AutodiscoverV1".',
      });
    }
    return jsonAnswer(200, { Protocol: 'AutodiscoverV1', Url: `${origin}/autodiscover/autodiscover.xml` });
  };

  const profile = async ({ host, query }: HttpRequest): Promise<HttpAnswer> => {
    const asked = await find(host, query.get('address'));
    const body = asked && formatProfile(asked, site.name || asked.domain);
    if (body === undefined) return statusAnswer(404);
    return {
      status: 200,
      contentType: 'application/x-apple-aspen-config',
      headers: { 'content-disposition': 'attachment; filename="campusmail.mobileconfig"' },
      body,
    };
  };

  return [
    { method: 'GET', path: '/.well-known/autoconfig/mail/config-v1.1.xml', respond: autoconfig },
    { method: 'GET', path: '/mail/config-v1.1.xml', respond: autoconfig },
    // Programs differ in how they spell it.
    ...['autodiscover/autodiscover.xml', 'Autodiscover/Autodiscover.xml', 'AutoDiscover/AutoDiscover.xml'].map(
      (path): HttpRoute => ({ method: 'POST', path: `/${path}`, respond: autodiscover }),
    ),
    { method: 'GET', path: '/autodiscover/autodiscover.json', respond: autodiscoverJson },
    { method: 'GET', path: '/autodiscover/autodiscover.json/v1.0/:address', respond: autodiscoverJson },
    { method: 'GET', path: '/campusmail.mobileconfig', respond: profile },
  ];
}

function xml(body: string): HttpAnswer {
  return { status: 200, contentType: 'text/xml; charset=utf-8', body };
}

function element(name: string, text: string | number): string {
  return `<${name}>${escapeHtml(String(text))}</${name}>`;
}

function formatAutoconfig({ domain, servers }: Asked, name: string): string {
  const formatServer = ({ protocol, host, port, security }: SiteServer): string => {
    const kind = protocol === 'smtp' ? 'outgoingServer' : 'incomingServer';
    return [
      `    <${kind} type="${protocol}">`,
      ...[
        element('hostname', host),
        element('port', port),
        element('socketType', security === 'tls' ? 'SSL' : 'STARTTLS'),
        element('authentication', 'password-cleartext'),
        element('username', '%EMAILADDRESS%'),
      ].map((line) => `      ${line}`),
      `    </${kind}>`,
    ].join('\n');
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${escapeHtml(domain)}">
    ${element('domain', domain)}
    ${element('displayName', name)}
    ${element('displayShortName', name)}
${servers.map(formatServer).join('\n')}
  </emailProvider>
</clientConfig>
`;
}

function formatAutodiscover({ domain, address = '', servers }: Asked): string {
  const protocols = servers.map(({ protocol, host, port, security }) =>
    [
      '      <Protocol>',
      ...[
        element('Type', protocol.toUpperCase()),
        element('Server', host),
        element('Port', port),
        element('LoginName', address),
        element('DomainName', domain),
        element('SPA', 'off'),
        element('SSL', security === 'tls' ? 'on' : 'off'),
        element('Encryption', security === 'tls' ? 'SSL' : 'TLS'),
        element('AuthRequired', 'on'),
        ...(protocol === 'smtp' ? [element('UsePOPAuth', 'off'), element('SMTPLast', 'off')] : []),
      ].map((line) => `        ${line}`),
      '      </Protocol>',
    ].join('\n'),
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocols.join('\n')}
    </Account>
  </Response>
</Autodiscover>
`;
}

/** Undefined where there is nothing that an iPhone could use. Not signed: the phone says so, and asks before it takes it. */
function formatProfile({ domain, address, servers }: Asked, name: string): string | undefined {
  const incoming = servers.find(({ protocol }) => protocol === 'imap');
  const outgoing = servers.find(({ protocol }) => protocol === 'smtp');
  if (incoming === undefined || outgoing === undefined) return undefined;
  const owner = address ?? domain;
  const key = (key: string, value: string | number | boolean): string => {
    const shown =
      typeof value === 'boolean' ? `<${value}/>` : element(typeof value === 'number' ? 'integer' : 'string', value);
    return `      ${element('key', key)}${shown}`;
  };
  const ofServer = (prefix: string, { host, port }: SiteServer): string[] => [
    key(`${prefix}MailServerHostName`, host),
    key(`${prefix}MailServerPortNumber`, port),
    key(`${prefix}MailServerUseSSL`, true),
    key(`${prefix}MailServerAuthentication`, 'EmailAuthPassword'),
    ...(address === undefined ? [] : [key(`${prefix}MailServerUsername`, address)]),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>PayloadContent</key><array><dict>
${[
  key('PayloadType', 'com.apple.mail.managed'),
  key('PayloadVersion', 1),
  key('PayloadIdentifier', `mail.${domain}.account`),
  key('PayloadUUID', nameUuid(`account ${owner}`)),
  key('PayloadDisplayName', name),
  key('EmailAccountType', 'EmailTypeIMAP'),
  key('EmailAccountDescription', name),
  ...(address === undefined ? [] : [key('EmailAddress', address)]),
  ...ofServer('Incoming', incoming),
  ...ofServer('Outgoing', outgoing),
  key('OutgoingPasswordSameAsIncomingPassword', true),
].join('\n')}
    </dict></array>
${[
  key('PayloadType', 'Configuration'),
  key('PayloadVersion', 1),
  key('PayloadIdentifier', `mail.${domain}`),
  key('PayloadUUID', nameUuid(`profile ${owner}`)),
  key('PayloadDisplayName', name),
].join('\n')}
  </dict>
</plist>
`;
}

/** The same for the same text, so that a profile taken again takes the place of the first. RFC 9562 §5.8: of our own making. */
function nameUuid(text: string): string {
  const octets = createHash('sha256').update(text).digest().subarray(0, 16);
  octets.writeUInt8((octets.readUInt8(6) & 0x0f) | 0x80, 6);
  octets.writeUInt8((octets.readUInt8(8) & 0x3f) | 0x80, 8);
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
