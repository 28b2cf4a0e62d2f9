/**
 * Two thousand accounts, common passwords, fifty networks, three protocols and two protocol threads at once: nobody guesses
 * more often than the limits allow, and owners come in from where they always do.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import type { System } from '#app/system.ts';
import { DOMAIN, openCampus, PASSWORD, ZHANG, type Campus } from '#test/harness/campus.ts';
import { LineClient, readReply } from '#test/harness/line-client.ts';

const ACCOUNTS = 2000;
const NETWORKS = 50;
const TRIES_PER_NETWORK = 90;
/** Of different accounts failed at from one network (directory/sign-in-limits.ts), and of wrong guesses at one account. */
const SUBJECTS_PER_NETWORK = 50;
const GUESSES_PER_ACCOUNT = 10;
const COMMON = ['12345678', 'password1', 'kust2026', 'qwerty123', 'Aa123456', '1qaz2wsx', 'woaini1314', 'a123456789'];

const SETTINGS = {
  CAMPUSMAIL_SERVER_THREADS: '2',
  CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
  CAMPUSMAIL_AUTH_LIMITS_ON_LOOPBACK: 'true',
  CAMPUSMAIL_LOG_LEVEL: 'error',
};

const nameOf = (index: number): string => `teacher${index}@${DOMAIN}`;
/** One in forty has such a password. */
const passwordOf = (index: number): string =>
  index % 40 === 0 ? (COMMON[(index / 40) % COMMON.length] as string) : `v9#Lq2!xTz-${index}`;

async function enrol({ directory }: System): Promise<void> {
  for (let index = 0; index < ACCOUNTS; index++) {
    const digest = createHash('sha256').update(passwordOf(index)).digest('base64');
    await directory.createAccountByVerifier(nameOf(index), `{SHA256}${digest}`);
  }
}

type Outcome = 'in' | 'wrong' | 'turned away';
type Door = (campus: Campus, from: string, login: string, password: string) => Promise<Outcome>;

const byImap: Door = async ({ server }, from, login, password) => {
  const client = await LineClient.open(server.ports['imap'] as number, '127.0.0.1', from);
  try {
    await client.readLine();
    client.send(`a LOGIN "${login}" "${password}"\r\n`);
    for (;;) {
      const line = await client.readLine();
      if (line.startsWith('a OK')) return 'in';
      if (line.startsWith('a NO')) return line.includes('AUTHENTICATIONFAILED') ? 'wrong' : 'turned away';
    }
  } finally {
    client.close();
  }
};

const bySmtp: Door = async ({ server }, from, login, password) => {
  const client = await LineClient.open(server.ports['submission'] as number, '127.0.0.1', from);
  const ask = async (line: string): Promise<number> => {
    client.send(`${line}\r\n`);
    return (await readReply(client)).code;
  };
  try {
    await readReply(client);
    await ask('EHLO laptop');
    const code = await ask(`AUTH PLAIN ${Buffer.from(`\0${login}\0${password}`).toString('base64')}`);
    return code === 235 ? 'in' : code === 535 ? 'wrong' : 'turned away';
  } finally {
    client.close();
  }
};

const byWeb: Door = async ({ server }, localAddress, login, password) => {
  const origin = `http://127.0.0.1:${server.ports['http']}`;
  const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', origin };
  const request = httpRequest(`${origin}/auth/sign-in`, { method: 'POST', headers, agent: false, localAddress });
  request.end(JSON.stringify({ login, password }));
  const [response] = await once(request, 'response');
  const { error } = JSON.parse(Buffer.concat(await response.toArray()).toString()) as { readonly error?: string };
  // That it has to be changed is told to who has the right one alone.
  if (error === undefined || error === 'passwordChangeRequired') return 'in';
  return error === 'invalidCredentials' ? 'wrong' : 'turned away';
};

const DOORS = [byImap, bySmtp, byWeb];

function count(outcomes: readonly Outcome[], outcome: Outcome): number {
  return outcomes.filter((one) => one === outcome).length;
}

test('spraying finds no more than the limits allow, and owners come in from where they always do', async () => {
  await using campus = await openCampus({ settings: SETTINGS, prepare: enrol });
  const [home, office] = ['127.30.1.1', '127.30.2.1'];
  // Their usual places; somebody who was sprayed at, and somebody who is aimed at.
  assert.equal(await byImap(campus, home, nameOf(7), passwordOf(7)), 'in');
  assert.equal(await bySmtp(campus, office, ZHANG, PASSWORD), 'in');

  const attack = async (network: number): Promise<readonly Outcome[]> => {
    const outcomes: Outcome[] = [];
    const door = DOORS[network % DOORS.length] as Door;
    for (let i = 0; i < TRIES_PER_NETWORK; i++) {
      const victim = (network * 40 + i) % ACCOUNTS;
      const password = COMMON[(network + i) % COMMON.length] as string;
      outcomes.push(await door(campus, `127.10.${network}.1`, nameOf(victim), password));
    }
    return outcomes;
  };
  const sprayed = await Promise.all(Array.from({ length: NETWORKS }, (_, network) => attack(network)));
  for (const [network, outcomes] of sprayed.entries()) {
    const wrong = count(outcomes, 'wrong');
    assert.ok(wrong <= SUBJECTS_PER_NETWORK, `network ${network}: ${wrong} were wrong`);
    assert.ok(count(outcomes, 'turned away') >= TRIES_PER_NETWORK - SUBJECTS_PER_NETWORK - 5, `network ${network}`);
    assert.equal(outcomes.at(-1), 'turned away', `network ${network}`);
  }
  const found = count(sprayed.flat(), 'in');
  // Who has a common password may be found; by 50 guesses a network, a few of those fifty.
  assert.ok(found <= ACCOUNTS / 40, `${found} found`);

  // All at one account, each with another password, from networks that are new.
  const aimed = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      (DOORS[i % DOORS.length] as Door)(campus, `127.20.${i}.1`, ZHANG, `guess-${i}`),
    ),
  );
  assert.equal(count(aimed, 'wrong'), GUESSES_PER_ACCOUNT);
  assert.equal(count(aimed, 'turned away'), 60 - GUESSES_PER_ACCOUNT);

  // From elsewhere even the right one is not looked at now; from home and office it is.
  for (const door of DOORS) {
    assert.equal(await door(campus, '127.40.1.1', ZHANG, PASSWORD), 'turned away');
    assert.equal(await door(campus, office, ZHANG, PASSWORD), 'in');
    assert.equal(await door(campus, home, nameOf(7), passwordOf(7)), 'in');
  }
});
