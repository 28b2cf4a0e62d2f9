import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isTicket, readCasAnswer, readLogoutRequest } from './cas-answer.ts';

const wrap = (inside: string, root = "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>"): string =>
  `${root}${inside}</cas:serviceResponse>`;
const success = (inside: string): string =>
  wrap(`\n  <cas:authenticationSuccess>${inside}</cas:authenticationSuccess>\n`);

function read(text: string) {
  const answer = readCasAnswer(text);
  return answer.kind === 'success' ? { ...answer, attributes: Object.fromEntries(answer.attributes) } : answer;
}

function isRefused(text: string, what: string): void {
  assert.equal(readCasAnswer(text).kind, 'malformed', what);
}

describe('the answer of a CAS server', () => {
  test('names the user, with attributes of several values', () => {
    const text = success(`
      <cas:user>20050012</cas:user>
      <cas:attributes>
        <cas:affiliation>staff</cas:affiliation>
        <cas:affiliation>faculty</cas:affiliation>
        <cas:XM>尉迟·雪 &amp; Co</cas:XM>
        <cas:XGH> 20050012 </cas:XGH>
        <cas:empty/>
      </cas:attributes>`);
    assert.deepEqual(read(text), {
      kind: 'success',
      user: '20050012',
      attributes: { affiliation: ['staff', 'faculty'], XM: ['尉迟·雪 & Co'], XGH: ['20050012'] },
    });
  });

  test('is understood with another prefix or none, after a declaration', () => {
    const inside = (p: string) => `<${p}authenticationSuccess><${p}user>a</${p}user></${p}authenticationSuccess>`;
    for (const text of [
      `<?xml version="1.0" encoding="UTF-8"?>\n<serviceResponse xmlns="http://www.yale.edu/tp/cas">${inside('')}</serviceResponse>`,
      `<c:serviceResponse xmlns:c="http://www.yale.edu/tp/cas">${inside('c:')}</c:serviceResponse>\n`,
    ])
      assert.deepEqual(read(text), { kind: 'success', user: 'a', attributes: {} });
  });

  test('may hold attributes beside the user, as named elements, or as JSON in one', () => {
    const named = success('<cas:user>a</cas:user><cas:GH>1</cas:GH>');
    assert.deepEqual(read(named), { kind: 'success', user: 'a', attributes: { GH: ['1'] } });
    const generic = success(
      `<cas:user>a</cas:user><cas:attributes><cas:attribute name="XH" value="2"/></cas:attributes>`,
    );
    assert.deepEqual(read(generic), { kind: 'success', user: 'a', attributes: { XH: ['2'] } });
    const json = '{"XH":"3","n":4}';
    const packed = success(`<cas:user>a</cas:user><cas:attributes><cas:info>${json}</cas:info></cas:attributes>`);
    assert.deepEqual(read(packed), { kind: 'success', user: 'a', attributes: { info: [json], XH: ['3'] } });
  });

  test('a value that people write themselves does not name other attributes', () => {
    const nickname = '{"XH":"20050012"}';
    const attributes = { cn: ['李四'], nickname: [nickname] };
    const inside = `<cas:cn>李四</cas:cn><cas:nickname>${nickname}</cas:nickname>`;
    for (const text of [
      success(`<cas:user>a</cas:user><cas:attributes>${inside}</cas:attributes>`),
      success(`<cas:user>a</cas:user>${inside}`),
      JSON.stringify({
        serviceResponse: { authenticationSuccess: { user: 'a', attributes: { cn: '李四', nickname } } },
      }),
    ])
      assert.deepEqual(read(text), { kind: 'success', user: 'a', attributes });
  });

  test('may be JSON', () => {
    const text = JSON.stringify({
      serviceResponse: { authenticationSuccess: { user: 'a', attributes: { XH: '1', roles: ['x', 'y'], deep: {} } } },
    });
    assert.deepEqual(read(text), { kind: 'success', user: 'a', attributes: { XH: ['1'], roles: ['x', 'y'] } });
    const failure = { serviceResponse: { authenticationFailure: { code: 'INVALID_TICKET' } } };
    assert.deepEqual(read(JSON.stringify(failure)), { kind: 'failure', code: 'INVALID_TICKET' });
    for (const wrong of [
      '{',
      '{}',
      '{"serviceResponse":null}',
      '{"serviceResponse":{"authenticationSuccess":{"user":1}}}',
    ])
      isRefused(wrong, wrong);
  });

  test('refuses by a code', () => {
    const text = wrap(
      '<cas:authenticationFailure code="INVALID_TICKET">Ticket ST-1 not recognized</cas:authenticationFailure>',
    );
    assert.deepEqual(readCasAnswer(text), { kind: 'failure', code: 'INVALID_TICKET' });
  });

  test('is nothing when it is not plainly one', () => {
    const user = '<cas:user>a</cas:user>';
    for (const [what, text] of Object.entries({
      'an HTML page': '<html><body>Sign in</body></html>',
      nothing: '',
      'a document type': `<!DOCTYPE x [<!ENTITY e "a">]>${success('<cas:user>&e;</cas:user>')}`,
      'a comment inside the name': success('<cas:user>admin<!-- x -->istrator</cas:user>'),
      'CDATA inside the name': success('<cas:user>admin<![CDATA[x]]></cas:user>'),
      'an element inside the name': success('<cas:user>admin<b/>x</cas:user>'),
      'two users': success(`${user}<cas:user>b</cas:user>`),
      'no user': success('<cas:user> </cas:user>'),
      'two successes': wrap(`<cas:authenticationSuccess>${user}</cas:authenticationSuccess>`.repeat(2)),
      'success and failure': wrap(
        `<cas:authenticationSuccess>${user}</cas:authenticationSuccess><cas:authenticationFailure code="X"/>`,
      ),
      'another namespace': success(user).replace('www.yale.edu', 'evil.example'),
      'no namespace': success(user).replace(/ xmlns:cas='[^']*'/, ''),
      'a success of another namespace': wrap(
        `<x:authenticationSuccess xmlns:x="urn:x"><x:user>a</x:user></x:authenticationSuccess>`,
      ),
      'a user of another namespace': success('<x:user xmlns:x="urn:x">a</x:user>'),
      'a prefix that means something else inside': wrap(
        `<cas:authenticationSuccess xmlns:cas="urn:x">${user}</cas:authenticationSuccess>`,
      ),
      'two roots': `${success(user)}${success(user)}`,
      'a user deep down': success(`<cas:a><cas:user>a</cas:user></cas:a>`),
      'cut short': success(user).slice(0, -10),
      'very deep': success(`${'<cas:a>'.repeat(5000)}${'</cas:a>'.repeat(5000)}`),
      'very wide': success(`${user}${'<cas:a/>'.repeat(5000)}`),
      'very long': success(`<cas:user>${'a'.repeat(200_000)}</cas:user>`),
    }))
      isRefused(text, what);
  });

  test('whatever comes, it answers', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '<cas:user>',
            '</cas:user>',
            'a',
            '&',
            '<',
            '>',
            "xmlns:cas='http://www.yale.edu/tp/cas'",
            '<!--',
            '-->',
            '{',
            '}',
            '"',
          ),
        ),
        (parts) => {
          readCasAnswer(success(parts.join('')));
          readCasAnswer(parts.join(''));
        },
      ),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readCasAnswer(text)));
  });
});

describe('a logout request', () => {
  const request = (inside: string) =>
    `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1" Version="2.0" IssueInstant="2019-09-16T10:00:00Z">
       <saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID>${inside}</samlp:LogoutRequest>`;

  test('names the ticket', () => {
    assert.equal(readLogoutRequest(request('<samlp:SessionIndex>ST-1-abc</samlp:SessionIndex>')), 'ST-1-abc');
  });

  test('is nothing without one ticket', () => {
    for (const text of [
      '',
      'x',
      request(''),
      request('<samlp:SessionIndex>PT-1</samlp:SessionIndex>'),
      request('<samlp:SessionIndex>ST-1</samlp:SessionIndex>'.repeat(2)),
      success('<cas:user>a</cas:user>'),
    ])
      assert.equal(readLogoutRequest(text), undefined, text);
  });

  test('tickets have their characters', () => {
    for (const right of ['ST-1', `ST-${'a'.repeat(256)}`, 'ST-956-Lyg0BdLkgdrBO9W17bXS'])
      assert.ok(isTicket(right), right);
    for (const wrong of ['', 'ST-', 'PGT-1', 'ST-1 ', 'ST-1&x=1', 'ST-中', `ST-${'a'.repeat(600)}`])
      assert.ok(!isTicket(wrong), wrong);
  });
});
