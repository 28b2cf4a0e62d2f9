/** What a page knows before anybody has signed in: whose mail this is, for whom this host is, where help is. */

export interface NoticeView {
  readonly id: string;
  readonly title: string;
  readonly publishedAt: Date;
  readonly url: string | undefined;
}

export interface SiteView {
  /** The university's name; '' where nobody told. */
  readonly name: string;
  /** Staff and students sign in at hosts of their own; undefined where one host serves all. */
  readonly realm: 'staff' | 'student' | undefined;
  /** What a bare login is completed with. */
  readonly domain: string;
  /** Where the others sign in. */
  readonly otherRealmUrl: string | undefined;
  readonly phones: readonly string[];
  readonly notices: readonly NoticeView[];
  readonly servers: { readonly imap: string; readonly pop: string; readonly smtp: string };
}

/** What a host's name tells: mail.stu.example.edu.cn is where the students of stu.example.edu.cn sign in. */
export function siteOfHost(hostname: string): SiteView {
  const domain = hostname.replace(/^(?:mail|webmail|www)\.(?=[^.]+\.[^.])/, '');
  return {
    name: '',
    realm: /^stu(?:dents?)?\./.test(domain) ? 'student' : hostname.startsWith('mail.') ? 'staff' : undefined,
    domain,
    otherRealmUrl: undefined,
    phones: [],
    notices: [],
    servers: { imap: `imap.${domain}`, pop: `pop.${domain}`, smtp: `smtp.${domain}` },
  };
}
