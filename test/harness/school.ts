/** A school of two realms for tests, staff and students, each with hosts of its own; and clients that ask for a host by name. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { System } from '#app/system.ts';
import { PASSWORD } from './campus.ts';

export const STAFF_DOMAIN = 'kust.example';
export const STUDENT_DOMAIN = 'stu.kust.example';
export const STUDENT = `2023ab1@${STUDENT_DOMAIN}`;

const realmOf = (name: string, title: string, domain: string): object => ({
  name,
  title,
  domain,
  class: name,
  web: `mail.${domain}`,
  imap: `imap.${domain}`,
  pop3: `pop.${domain}`,
  smtp: `smtp.${domain}`,
});

/** The eight hosts of the notice. */
export const SCHOOL_HOSTS = [STAFF_DOMAIN, STUDENT_DOMAIN].flatMap((domain) =>
  ['mail', 'imap', 'pop', 'smtp'].map((service) => `${service}.${domain}`),
);

export const SCHOOL_SETTINGS: Readonly<Record<string, string>> = {
  CAMPUSMAIL_HOSTNAME: 'mail.kust.example',
  CAMPUSMAIL_REALM: JSON.stringify([
    realmOf('staff', '教师邮件系统', STAFF_DOMAIN),
    realmOf('student', '学生邮件系统', STUDENT_DOMAIN),
  ]),
  CAMPUSMAIL_LISTEN_HTTPS: '127.0.0.1:0',
};

/** Makes the student, with PASSWORD, beside the staff that `openCampus` makes. */
export async function addStudent({ directory, mail }: System): Promise<void> {
  await directory.addDomain(STUDENT_DOMAIN);
  const accountId = await directory.createAccount(STUDENT, PASSWORD);
  await directory.addAlias(accountId, `xiao.ming@${STUDENT_DOMAIN}`);
  await mail.account(accountId).provision({ quotaBytes: null });
}

export interface HostAnswer {
  readonly status: number | undefined;
  readonly cookie: string | undefined;
  readonly text: string;
  readonly octets: Buffer;
}

/** Asks `host` at an address of this machine, on a connection of its own. */
export async function askHost(
  base: string,
  host: string,
  path: string,
  { headers = {}, body }: { readonly headers?: Record<string, string>; readonly body?: unknown } = {},
): Promise<HostAnswer> {
  const { protocol, port } = new URL(base);
  const isSecure = protocol === 'https:';
  const request = (isSecure ? httpsRequest : httpRequest)(`${base}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json', origin: `${protocol}//${host}:${port}` }),
      ...headers,
      host: `${host}:${port}`,
    },
    agent: false,
    rejectUnauthorized: false,
    servername: host,
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(request, 'response');
  const octets = Buffer.concat(await response.toArray());
  return {
    status: response.statusCode,
    cookie: response.headers['set-cookie']?.[0]?.split(';')[0],
    text: octets.toString(),
    octets,
  };
}

/** A TLS connection to an address of this machine that asks for a server by name. */
export async function connectToHost(address: string, port: number, serverName: string): Promise<TLSSocket> {
  const socket = connectTls({ host: address, port, servername: serverName, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}
