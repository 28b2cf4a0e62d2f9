/** What a host's name tells of its site, before the server has told more: mail.stu.example.edu.cn is where the students of stu.example.edu.cn sign in. */
import type { Site } from '#contract/site.ts';

export function siteOfHost(hostname: string): Site {
  const domain = hostname.replace(/^(?:mail|webmail|www)\.(?=[^.]+\.[^.])/, '');
  return {
    name: '',
    englishName: '',
    realm: /^stu(?:dents?)?\./.test(domain) ? 'student' : hostname.startsWith('mail.') ? 'staff' : null,
    title: null,
    englishTitle: null,
    archive: null,
    domain,
    domains: [domain],
    endings: [],
    otherRealmUrl: null,
    authservId: hostname,
    sso: null,
    sendsSms: false,
    phones: [],
    mail: null,
    notices: [],
    servers: [
      { protocol: 'imap', host: hostname, port: 993, security: 'tls' },
      { protocol: 'pop3', host: hostname, port: 995, security: 'tls' },
      { protocol: 'smtp', host: hostname, port: 465, security: 'tls' },
    ],
  };
}
