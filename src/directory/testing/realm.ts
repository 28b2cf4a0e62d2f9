/** A realm for tests: hosts `mail.` and `imap.` its domain, and what is given. */
import type { Realm } from '#directory/realms.ts';

export const realm = (name: string, domain: string, patch: Partial<Realm> = {}): Realm => ({
  name,
  title: name === 'student' ? '学生邮件系统' : '教师邮件系统',
  englishTitle: `${name} mail`,
  domain,
  domains: [domain],
  serviceClass: name === 'student' ? 'student' : 'staff',
  servers: { web: `mail.${domain}`, imap: `imap.${domain}`, pop3: '', smtp: '' },
  webHosts: [`mail.${domain}`],
  hosts: [`mail.${domain}`, `imap.${domain}`],
  isStrict: false,
  needsActivation: false,
  secondStep: 'optional',
  archive: null,
  phone: 'advise',
  ...patch,
});
