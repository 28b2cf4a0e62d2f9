import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { openCampus } from '#directory/testing/campus.ts';
import { employee } from '#directory/testing/person.ts';
import { withServer } from '#http/testing/serve.ts';
import { openTestSignIn } from '#signin/testing/web-sign-in.ts';
import { Walks } from '#signin/walks.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { Portal, type TicketFacts } from './portal.ts';

const SECRET = 'the-secret-of-the-portal-of-the-test';

/** What was written down. */
let audited: string[];

async function withPortal(
  body: (given: {
    readonly ask: (path: string, init?: RequestInit) => Promise<{ status: number; said: Record<string, string> }>;
    readonly ticketFor: (number: string, to?: string) => Promise<{ status: number; said: Record<string, string> }>;
    readonly redeem: (ticket: string, site?: string) => Promise<Response>;
    readonly directory: Awaited<ReturnType<typeof openCampus>>['directory'];
    readonly clock: Awaited<ReturnType<typeof openCampus>>['clock'];
    readonly zhang: Awaited<ReturnType<typeof openCampus>>['zhang'];
  }) => Promise<void>,
): Promise<void> {
  const { directory, zhang, clock } = await openCampus();
  await directory.enrolPeople(
    ['20050012', '20050013'].map((number) => ({ person: employee(number, '张三'), account: null })),
  );
  await directory.linkPerson('20050012', zhang);
  clock.advance(1000);
  const store = await openMemoryStore({ clock });
  const { signIn, sessions } = openTestSignIn({ directory, clock, store: store.signin });
  audited = [];
  const portal = new Portal({
    secrets: [{ name: 'ehall', secret: SECRET }],
    tickets: new Walks<TicketFacts>('portal', { store: store.signin, clock, random: systemRandom }),
    skipsSecondStep: false,
    log: silentLog,
    audit: {
      record: ({ action, detail }) => void audited.push(`${action} ${detail?.['portal']} ${detail?.['number']}`),
    },
    directory,
    signIn,
    clock,
    countUnread: async () => 3,
  });
  await withServer({ routes: portal.routes() }, async ({ base }) => {
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${SECRET}`, ...(init.headers as Record<string, string>) };
      const answer = await fetch(`${base}${path}`, { ...init, headers });
      return { status: answer.status, said: (await answer.json()) as Record<string, string> };
    };
    await body({
      ask,
      ticketFor: (number, to) => ask('/portal/tickets', { method: 'POST', body: JSON.stringify({ number, to }) }),
      redeem: (ticket, site = 'same-origin') =>
        fetch(`${base}/auth/portal`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'sec-fetch-site': site },
          body: JSON.stringify({ ticket }),
        }),
      directory,
      clock,
      zhang,
    });
    sessions.close();
  });
  await store.close();
}

const ticketOf = ({ said }: { said: Record<string, string> }): string =>
  new URLSearchParams(new URL(said['url'] ?? '').hash.slice(1)).get('ticket') ?? '';

test('a ticket opens the mailbox of its person once, for a minute', async () => {
  await withPortal(async ({ ticketFor, redeem, clock, directory, zhang }) => {
    const given = await ticketFor('２００５００１２', 'read/M12');
    assert.equal(given.status, 200);
    const url = new URL(given.said['url'] ?? '');
    assert.equal(url.pathname + url.search, '/open?to=read%2FM12');
    // Two browsers at once: one is let in.
    const answers = await Promise.all([redeem(ticketOf(given)), redeem(ticketOf(given))]);
    const [entered, ...others] = answers.filter(({ status }) => status === 200);
    assert.ok(entered !== undefined && others.length === 0);
    assert.match(entered.headers.get('set-cookie') ?? '', /^campusmail=/);
    const { login, owesTerms } = (await entered.json()) as { readonly login: string; readonly owesTerms?: boolean };
    // S-07: nothing was agreed to on the way, so nothing is open yet.
    assert.deepEqual([login, owesTerms, await directory.consentsOf(zhang)], ['zhang@kust.edu.cn', true, []]);
    assert.equal((await redeem(ticketOf(given))).status, 410);
    assert.deepEqual(audited, ['sign-in.accepted ehall 20050012']);

    await directory.setStage(zhang, 'frozen');
    const thawing = ticketOf(await ticketFor('20050012'));
    assert.equal((await directory.account(zhang))?.stage, 'frozen', 'a portal is not its owner');
    assert.equal((await redeem(thawing)).status, 200);
    assert.equal((await directory.account(zhang))?.stage, 'active');

    const late = ticketOf(await ticketFor('20050012'));
    clock.advance(60_000);
    assert.equal((await redeem(late)).status, 410);
    for (const nonsense of ['', 'a.b', `${'a'.repeat(16)}.${'b'.repeat(43)}`, late.replace(/\.../, '.__')])
      assert.equal((await redeem(nonsense)).status, 410, nonsense);
  });
});

test('nobody but a portal is answered, and nobody is led elsewhere', async () => {
  await withPortal(async ({ ask, ticketFor, directory, zhang, redeem }) => {
    for (const authorization of ['', 'Bearer x', `Basic ${SECRET}`, `Bearer ${SECRET}x`])
      assert.equal((await ask('/portal/unread?number=20050012', { headers: { authorization } })).status, 401);
    assert.deepEqual(await ask('/portal/unread?number=20050012'), { status: 200, said: { unread: 3 } });
    for (const to of ['https://evil.example', '//evil.example', 'read/', 'read/../x', 'settings', 'INBOX'])
      assert.equal((await ticketFor('20050012', to)).status, 400, to);
    assert.deepEqual(await ticketFor('20050013'), { status: 404, said: { error: 'unknown' } });
    assert.deepEqual(await ticketFor('nobody'), { status: 404, said: { error: 'unknown' } });
    assert.equal((await ask('/portal/tickets', { method: 'POST', body: '[' })).status, 400);

    // Whoever may not enter now may not by what was given before, either.
    const before = ticketOf(await ticketFor('20050012'));
    await directory.setStage(zhang, 'suspended');
    assert.deepEqual(await ticketFor('20050012'), { status: 409, said: { error: 'disabled' } });
    assert.equal((await redeem(before)).status, 410);
  });
});

test('a ticket is not taken for a second step, nor from another site’s page', async () => {
  await withPortal(async ({ ticketFor, redeem, directory, zhang }) => {
    const factor = { factorId: 'totp', kind: 'totp', name: '', secret: 'x', usedAt: null, usedFrom: '' } as const;
    await directory.addFactor({ accountId: zhang, ...factor });
    const ticket = ticketOf(await ticketFor('20050012'));
    assert.equal((await redeem(ticket, 'cross-site')).status, 403);
    const refused = await redeem(ticket);
    assert.deepEqual(await refused.json(), { error: 'secondStep' });
    assert.equal(refused.headers.get('set-cookie'), null);
  });
});
