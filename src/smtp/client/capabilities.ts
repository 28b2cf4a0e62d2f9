/** What a server says it can do (RFC 5321 §4.1.1.1), read from its reply to EHLO. */

export interface Capabilities {
  /** `helo`: it knows no extensions. */
  readonly hello: 'ehlo' | 'helo';
  /** What it calls itself. */
  readonly serverName: string;
  /** Every keyword, upper case, with its parameters as they came; those the caller ignores are left out. */
  readonly keywords: ReadonlyMap<string, string>;
  /** Octets, RFC 1870; undefined without a fixed limit. */
  readonly maxMessageBytes: number | undefined;
  /** SASL mechanisms, upper case, RFC 4954 §3. */
  readonly authMechanisms: ReadonlySet<string>;
  /** RFC 9422 §4; Infinity where nothing is said. */
  readonly mailMax: number;
  readonly rcptMax: number;
  readonly rcptDomainMax: number;
}

/** Never fails: a line that is no capability is passed over. */
export function parseCapabilities(
  hello: Capabilities['hello'],
  lines: readonly string[],
  ignored: ReadonlySet<string>,
): Capabilities {
  const [first = '', ...rest] = lines;
  const keywords = new Map<string, string>();
  for (const line of hello === 'ehlo' ? rest : []) {
    // `AUTH=LOGIN` is how servers before RFC 4954 wrote it, and some still do besides.
    const match = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =]\s*(.*))?$/.exec(line.trim());
    const keyword = match?.[1]?.toUpperCase();
    if (keyword === undefined || ignored.has(keyword)) continue;
    const parameters = match?.[2] ?? '';
    const known = keywords.get(keyword);
    keywords.set(keyword, known === undefined ? parameters : `${known} ${parameters}`.trim());
  }
  const limits = new Map<string, number>();
  for (const word of (keywords.get('LIMITS') ?? '').split(' ')) {
    const match = /^([A-Z0-9-]+)=([1-9]\d{0,5})$/i.exec(word);
    if (match !== null) limits.set((match[1] ?? '').toUpperCase(), Number(match[2]));
  }
  const size = /^\d{1,20}$/.exec(keywords.get('SIZE') ?? '')?.[0];
  return {
    hello,
    serverName: first.split(' ', 1)[0] ?? '',
    keywords,
    // RFC 1870 §4: 0 is no fixed maximum.
    maxMessageBytes: size === undefined || Number(size) === 0 ? undefined : Number(size),
    authMechanisms: new Set((keywords.get('AUTH') ?? '').toUpperCase().split(/\s+/).filter(Boolean)),
    mailMax: limits.get('MAILMAX') ?? Infinity,
    rcptMax: limits.get('RCPTMAX') ?? Infinity,
    rcptDomainMax: limits.get('RCPTDOMAINMAX') ?? Infinity,
  };
}
