import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CasClient, type AskServer, type CasSettings } from './cas.ts';

const SETTINGS: CasSettings = {
  baseUrl: 'https://cas.example.edu/authserver',
  loginPath: '/login',
  validatePath: '/serviceValidate',
  logoutPath: '/logout',
  numberAttributes: ['XGH', 'user'],
  nameAttributes: ['XM', 'cn'],
};
const SERVICE = 'https://mail.example.edu/auth/sso/cas?a=1&b=二';

function openClient(answer: Awaited<ReturnType<AskServer>>, settings: Partial<CasSettings> = {}) {
  const asked: string[] = [];
  const client = new CasClient({ ...SETTINGS, ...settings }, async (url) => {
    asked.push(url);
    return answer;
  });
  return { client, asked };
}

const success = (inside: string) => ({
  status: 200,
  text: `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess>${inside}</cas:authenticationSuccess></cas:serviceResponse>`,
});

describe('the client of CAS', () => {
  test('sends people away with the page they come back to', () => {
    const { client } = openClient({ failed: '' });
    const url = new URL(client.loginUrl(SERVICE));
    assert.equal(`${url.origin}${url.pathname}`, 'https://cas.example.edu/authserver/login');
    assert.equal(url.searchParams.get('service'), SERVICE);
    assert.match(client.logoutUrl(SERVICE), /authserver\/logout\?service=https%3A/);
  });

  test('asks about a ticket once, for the same page', async () => {
    const { client, asked } = openClient(
      success('<cas:user>u1</cas:user><cas:attributes><cas:XGH>20050012</cas:XGH><cas:cn>周</cas:cn></cas:attributes>'),
    );
    assert.deepEqual(await client.validate('ST-1-x', SERVICE), {
      kind: 'known',
      subject: { number: '20050012', name: '周' },
    });
    assert.equal(asked.length, 1);
    const url = new URL(asked[0] ?? '');
    assert.equal(url.pathname, '/authserver/serviceValidate');
    assert.equal(url.searchParams.get('service'), SERVICE);
    assert.equal(url.searchParams.get('ticket'), 'ST-1-x');
  });

  test('takes the number from the first attribute that is there', async () => {
    const { client } = openClient(success('<cas:user>u1</cas:user>'));
    assert.deepEqual(await client.validate('ST-1', SERVICE), { kind: 'known', subject: { number: 'u1', name: '' } });
    const strict = openClient(success('<cas:user>u1</cas:user>'), { numberAttributes: ['XGH'] });
    assert.equal((await strict.client.validate('ST-1', SERVICE)).kind, 'unavailable');
  });

  test('asks nothing about what is no ticket', async () => {
    const { client, asked } = openClient(success('<cas:user>u1</cas:user>'));
    assert.equal((await client.validate('ST-1&renew=true', SERVICE)).kind, 'refused');
    assert.deepEqual(asked, []);
  });

  test('tells a bad ticket from a bad server', async () => {
    const failure = (code: string) => ({
      status: 200,
      text: `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationFailure code="${code}"/></cas:serviceResponse>`,
    });
    const kinds = { INVALID_TICKET: 'refused', INVALID_SERVICE: 'refused', INTERNAL_ERROR: 'unavailable' };
    for (const [code, kind] of Object.entries(kinds))
      assert.equal((await openClient(failure(code)).client.validate('ST-1', SERVICE)).kind, kind, code);
    for (const answer of [{ failed: 'no answer' }, { status: 302, text: '' }, { status: 200, text: '<html>' }])
      assert.equal((await openClient(answer).client.validate('ST-1', SERVICE)).kind, 'unavailable');
  });
});
