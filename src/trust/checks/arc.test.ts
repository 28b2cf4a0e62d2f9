/**
 * The ARC test suite (ValiMail/arc_test_suite, after RFC 8617's drafts): three of its messages as published, and its
 * other validation cases, by the suite's own names, made from its first message: changed, and signed again by a key of
 * ours where the suite signed again. The suite carries no licence, so its 345 kB are not here.
 */
import assert from 'node:assert/strict';
import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { parseHeader } from '#mime/header.ts';
import {
  type Canonicalisation,
  SignedFields,
  canonicaliseField,
  canonicaliseOwnField,
  hashBody,
} from '#trust/dkim/canonical.ts';
import { SignatureVerifier } from '#trust/dkim/signature.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import type { ArcResult } from '#trust/types.ts';
import { checkArc } from './arc.ts';
import { DnsQueries } from './dns-queries.ts';

const published =
  'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b' +
  'yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB';

const KEYS = { dummy: 1024, long: 2048, short: 512 } as const;
type Selector = keyof typeof KEYS;
const keys = Object.fromEntries(
  Object.entries(KEYS).map(([selector, modulusLength]) => [selector, generateKeyPairSync('rsa', { modulusLength })]),
) as Record<Selector, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>;

async function judge(message: string, dns: FakeDns): Promise<ArcResult> {
  const octets = Buffer.from(message, 'latin1');
  const headers = parseHeader(octets);
  const fields = new SignedFields(octets, headers);
  const clock = new FakeClock();
  const queries = new DnsQueries(dns, clock, { timeoutMs: 1000, maxQueries: 100 });
  return checkArc(fields, new SignatureVerifier(octets, headers.bodyStart, fields, queries, clock.now()), queries);
}

const RESULTS = `lists.example.org;
    spf=pass smtp.mfrom=jqd@d1.example;
    dkim=pass (1024-bit key) header.i=@d1.example;
    dmarc=pass`;

const ORIGINAL = `Received: from segv.d1.example (segv.d1.example [72.52.75.15])
    by lists.example.org (8.14.5/8.14.5) with ESMTP id t0EKaNU9010123
    for <arc@example.org>; Thu, 14 Jan 2015 15:01:30 -0800 (PST)
    (envelope-from jqd@d1.example)
Authentication-Results: ${RESULTS}
Received: by 10.157.14.6 with HTTP; Tue, 3 Jan 2017 12:22:54 -0800 (PST)
Message-ID: <54B84785.1060301@d1.example.org>
Date: Thu, 14 Jan 2015 15:00:01 -0800
From: John Q Doe <jqd@d1.example.org>
To: arc@dmarc.org
Subject: Example 1
MIME-Version: 1.0

Hey gang,
This is a test message.
--J.
`;

const FIRST_SET = `ARC-Seal: a=rsa-sha256;
    b=dOdFEyhrk/tw5wl3vMIogoxhaVsKJkrkEhnAcq2XqOLSQhPpGzhGBJzR7k1sWGokon3TmQ
    7TX9zQLO6ikRpwd/pUswiRW5DBupy58fefuclXJAhErsrebfvfiueGyhHXV7C1LyJTztywzn
    QGG4SCciU/FTlsJ0QANrnLRoadfps=; cv=none; d=example.org; i=1; s=dummy;
    t=12345
ARC-Message-Signature: a=rsa-sha256;
    b=QsRzR/UqwRfVLBc1TnoQomlVw5qi6jp08q8lHpBSl4RehWyHQtY3uOIAGdghDk/mO+/Xpm
    9JA5UVrPyDV0f+2q/YAHuwvP11iCkBQkocmFvgTSxN8H+DwFFPrVVUudQYZV7UDDycXoM6UE
    cdfzLLzVNPOAHEDIi/uzoV4sUqZ18=;
    bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; c=relaxed/relaxed;
    d=example.org; h=from:to:date:subject:mime-version:arc-authentication-results;
    i=1; s=dummy; t=12345
ARC-Authentication-Results: i=1; ${RESULTS}
`;

const SECOND_SET = `ARC-Seal: a=rsa-sha256;
    b=IAqZJ5HwfNxxsrn9R4ayQgiu9RibPKEUVevbt7XFTkSh1baJ533D2Z6IZ2NaBreUhDBb2e
    K9Gtcv+eyUhWkD8VTmE6fq/F8CDIK3ScIiJykF8hNL1wpa/mGwWWwBnkozIJGAbTAAX7AgnH
    knAehnSW99TeU0lmib0XmOt4TN3sY=; cv=pass; d=example.org; i=2; s=dummy;
    t=12346
ARC-Message-Signature: a=rsa-sha256;
    b=2cDGNznUmp4YSSThCe9nrQIH2Gpd5qPFw3OU8sWFzZgEQ5UZtaVQifVUXUrsSyEzjro3Ul
    YPPDx+C1K+LbKRlOZ06il4ws2zlPafsrx1piKsKSCUq0KjFs01hYCDBa3tfdyITSfoWu2HHY
    pCjrhPMPH1jruIdBV/5Gk2Fvy+mW8=;
    bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; c=relaxed/relaxed;
    d=example.org; h=from:to:date:subject:mime-version:arc-authentication-results;
    i=2; s=dummy; t=12346
ARC-Authentication-Results: i=2; ${RESULTS}
Received: by 10.157.11.240 with SMTP id 103csp420860oth;
    Fri, 6 Jan 2017 14:27:31 -0800 (PST)
`;

/** Signed after the author's name was changed, which breaks the first message signature only. */
const SECOND_SET_CHANGED = `ARC-Seal: a=rsa-sha256;
    b=TKrRvbWMQbGHGQSIMlStVE/2vKjY5E8kVSSXJmEyOL1OjexNoNSfnYpjklVVaG9O4Hsbc5
    ZEbLSkpDIOKlnb+XlLNL5xvYntBNamjtH0e9et3DpyPQUIZ2gyZsuFwPzN/m96BU5iv+blU0
    XLjgABkBLyfaFlEPsQ0SUs8gZjM7Y=; cv=pass; d=example.org; i=2; s=dummy;
    t=12346
ARC-Message-Signature: a=rsa-sha256;
    b=ZFJ9p6LT/KerwWPXp+WzznYAbt+cF4R/3l5nfSeNZSi38hhtpLkoJi/2R1FXdnnznKa3mQ
    gk3WCEaxLNmHEl90TDHGL5vhViJ57OSS0X7ZgyKzZrNbVSDYj416pFR356MMXdaV8WVq9mD4
    yATaaWBkVi8eOh287Qbqj0k93H/+U=;
    bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; c=relaxed/relaxed;
    d=example.org; h=from:to:date:subject:mime-version:arc-authentication-results;
    i=2; s=dummy; t=12346
ARC-Authentication-Results: i=2; ${RESULTS}
`;

const toWire = (text: string): string => text.replaceAll('\n', '\r\n');

describe('the ARC test suite, as published', () => {
  const dns = (): FakeDns => new FakeDns({ 'dummy._domainkey.example.org': { txt: [published] } });
  for (const [name, message] of Object.entries({
    cv_pass_i1_1: FIRST_SET + ORIGINAL,
    cv_pass_i2_1: SECOND_SET + FIRST_SET + ORIGINAL,
    cv_pass_i2_1_ams1_invalid: SECOND_SET_CHANGED + FIRST_SET + ORIGINAL.replace('John', 'Gene'),
  })) {
    test(name, async () => {
      const { result, comment, sets } = await judge(toWire(message), dns());
      assert.equal(result, 'pass', comment);
      assert.ok(sets.every(({ sealer, reported }) => sealer === 'example.org' && reported.dmarc === 'pass'));
    });
  }
});

/** `signed`: changes before it is signed; `sent`: after. */
interface Change {
  readonly signed?: (field: string) => string;
  readonly sent?: (field: string) => string;
}

interface Case {
  readonly sets?: number;
  readonly aar?: Change;
  readonly ams?: Change;
  readonly as?: Change;
  /** The instance whose fields are changed; the newest unless said. */
  readonly at?: number;
  /** The message without ARC fields, as the newest signer sees it and as we get it. */
  readonly original?: Change;
}

const keep = (text: string): string => text;
const swap =
  (from: string | RegExp, to: string) =>
  (text: string): string => {
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, `nothing to change: ${String(from)}`);
    return changed;
  };
const add = (text: string) => (field: string) => `${field.replace(/\r\n$/, '')}${text}\r\n`;
const remove = (): string => '';
const twice = (field: string): string => field + field;
const tag = (name: string, value: string | undefined): ((field: string) => string) =>
  swap(new RegExp(`\\b${name}=[^;\\r]*(; )?`), value === undefined ? '' : `${name}=${value}$1`);

const selectorOf = (field: string): Selector => {
  const selector = /\bs=(\w+)/.exec(field)?.[1] ?? '';
  return Object.hasOwn(KEYS, selector) ? (selector as Selector) : 'dummy';
};
const signWith = (field: string, header: string, how: Canonicalisation = 'relaxed'): string => {
  const data = Buffer.from(header + canonicaliseOwnField(field, how), 'latin1');
  return field.replace('@B', sign('sha256', data, keys[selectorOf(field)].privateKey).toString('base64'));
};

/** A message with its chain, signed and sealed by the rules whatever the changes, so that only what is changed is wrong. */
async function make({ sets = 1, at = sets, aar, ams, as, original }: Case): Promise<string> {
  let message = (original?.signed ?? keep)(toWire(ORIGINAL));
  const chain: string[] = [];
  for (let i = 1; i <= sets; i++) {
    const isChanged = i === at;
    const change = (field: string, what: Change | undefined, when: 'signed' | 'sent'): string =>
      isChanged ? (what?.[when] ?? keep)(field) : field;
    const results = change(`ARC-Authentication-Results: i=${i}; ${toWire(RESULTS)}\r\n`, aar, 'signed');
    const unsigned = change(
      `ARC-Message-Signature: i=${i}; a=rsa-sha256; d=example.org; s=dummy; c=relaxed/relaxed; t=12345; ` +
        `h=from:to:date:subject:mime-version:arc-authentication-results; bh=@H; b=@B\r\n`,
      ams,
      'signed',
    );
    const octets = Buffer.from(results + message, 'latin1');
    const headers = parseHeader(octets);
    const canon = /\bc\s*=\s*(\w+)\/(\w+)/.exec(unsigned);
    const [, headerCanon, bodyCanon] = (canon ?? ['', 'simple', 'simple']) as Canonicalisation[];
    const { hash } = await hashBody(octets, headers.bodyStart, bodyCanon!);
    const names = (/\bh\s*=([^;]*)/.exec(unsigned)?.[1] ?? '')
      .toLowerCase()
      .split(':')
      .map((name) => name.trim());
    const selected = [
      ...new SignedFields(octets, headers).select(names, headerCanon === 'relaxed' ? 'relaxed' : 'simple'),
    ].join('');
    const signature = signWith(unsigned.replace('@H', hash), selected, headerCanon);
    const seal = signWith(
      change(
        `ARC-Seal: i=${i}; a=rsa-sha256; cv=${i === 1 ? 'none' : 'pass'}; d=example.org; s=dummy; t=12345; b=@B\r\n`,
        as,
        'signed',
      ),
      [...chain, results, signature].map((field) => canonicaliseField(field, 'relaxed')).join(''),
    );
    chain.push(results, signature, seal);
    message = change(seal, as, 'sent') + change(signature, ams, 'sent') + change(results, aar, 'sent') + message;
  }
  return (original?.sent ?? keep)(message);
}

const malformedInstances = { na: undefined, empty: '', zero: '0', invalid: 'a' } as const;
const structure = (kind: 'aar' | 'ams' | 'as'): Record<string, Case> => ({
  ...Object.fromEntries(
    Object.entries(malformedInstances).map(([name, value]) => [
      `${kind}_struct_i_${name}`,
      { [kind]: { signed: value === undefined ? swap('i=1; ', '') : swap('i=1', `i=${value}`) } },
    ]),
  ),
  [`${kind}_struct_dup`]: { [kind]: { sent: twice } },
  [`${kind}_struct_missing`]: { [kind]: { sent: remove } },
});

/** What holds of both signature fields. */
const passing = (kind: 'ams' | 'as'): Record<string, Case> => ({
  [`${kind}_format_sc_wsp`]: { [kind]: { signed: swap(/; /g, ' ;  ') } },
  [`${kind}_format_eq_wsp`]: { [kind]: { signed: swap(/(\b[adsti]|cv)=/g, '$1 = ') } },
  [`${kind}_format_tags_trail_sc`]: { [kind]: { signed: add(';') } },
  [`${kind}_format_tags_unknown`]: { [kind]: { signed: add('; w=catparty') } },
  [`${kind}_fields_b_ignores_wsp`]: { [kind]: { signed: swap('b=@B', 'b = @B') } },
  [`${kind}_fields_b_1024`]: {},
  [`${kind}_fields_b_2048`]: { [kind]: { signed: tag('s', 'long') } },
  [`${kind}_fields_b_head_case`]: { [kind]: { sent: (field: string) => field.replace('ARC-', 'arc-') } },
  [`${kind}_fields_b_head_unfold`]: { [kind]: { signed: swap('; d=', ';\r\n\td='), sent: swap('\r\n\t', ' ') } },
  [`${kind}_fields_b_eol_wsp`]: { [kind]: { signed: swap('; d=', ';\r\n d='), sent: swap(';\r\n d=', ';   \r\n d=') } },
  [`${kind}_fields_b_inl_wsp`]: { [kind]: { sent: swap('; d=', ';    d=') } },
  [`${kind}_fields_b_col_wsp`]: { [kind]: { sent: swap(': i=', ' :   i=') } },
  [`${kind}_fields_t_na`]: { [kind]: { signed: tag('t', undefined) } },
});

const failing = (kind: 'ams' | 'as'): Record<string, Case> => ({
  ...structure(kind),
  [`${kind}_format_inv_tag_key`]: { [kind]: { signed: add('; _=catparty') } },
  [`${kind}_format_tags_dup`]: { [kind]: { signed: add('; s=dummy') } },
  [`${kind}_format_tags_key_case`]: { [kind]: { signed: swap('a=rsa', 'A=rsa') } },
  [`${kind}_format_tags_val_case`]: { [kind]: { sent: swap('d=example', 'd=EXAMPLE') } },
  [`${kind}_format_tags_wsp`]: { [kind]: { sent: swap('d=example', 'd= example') } },
  [`${kind}_format_tags_sc`]: { [kind]: { signed: swap('; d=', ';; d=') } },
  [`${kind}_fields_b_512`]: { [kind]: { signed: tag('s', 'short') } },
  [`${kind}_fields_b_na`]: { [kind]: { sent: swap(/; b=[^;\r]+/, '') } },
  [`${kind}_fields_b_empty`]: { [kind]: { sent: swap(/\bb=[^;\r]+/, 'b=') } },
  [`${kind}_fields_b_base64`]: { [kind]: { sent: swap(/\bb=..../, 'b=%%%%') } },
  [`${kind}_fields_b_mod_sig`]: { [kind]: { sent: (field: string) => field.replace(/\bb=..../, 'b=AAAA') } },
  ...Object.fromEntries(
    (['a', 'd', 's'] as const).flatMap((name) => [
      [`${kind}_fields_${name}_na`, { [kind]: { signed: tag(name, undefined) } }],
      [`${kind}_fields_${name}_empty`, { [kind]: { signed: tag(name, '') } }],
    ]),
  ),
  [`${kind}_fields_a_sha1`]: { [kind]: { signed: tag('a', 'rsa-sha1') } },
  [`${kind}_fields_a_unknown`]: { [kind]: { signed: tag('a', 'rsa-sha512') } },
  [`${kind}_fields_d_invalid`]: { [kind]: { signed: tag('d', 'not a domain') } },
  [`${kind}_fields_t_empty`]: { [kind]: { signed: tag('t', '') } },
  [`${kind}_fields_t_invalid`]: { [kind]: { signed: tag('t', 'yesterday') } },
  [`${kind}_public_key_na`]: { [kind]: { signed: tag('s', 'na') } },
  [`${kind}_public_key_invalid`]: { [kind]: { signed: tag('s', 'invalid') } },
});

const H = 'from:to:date:subject:mime-version:arc-authentication-results';
const signs = (names: string): Change => ({ signed: swap(`h=${H}`, `h=${names}`) });

const PASS: Record<string, Case> = {
  cv_pass_i3_1: { sets: 3 },
  cv_pass_i5_1: { sets: 5 },
  ...passing('as'),
  ...passing('ams'),
  ams_as_diff_s_d: { as: { signed: tag('s', 'long') } },
  as_fields_b_folded: { as: { sent: swap(/\bb=(.{20})/, 'b=$1 \r\n\t ') } },
  ams_fields_bh_ignores_wsp: { ams: { signed: swap('bh=@H', 'bh =\r\n\t@H ') } },
  ams_fields_bh_sim_end_lines: {
    ams: { signed: tag('c', 'relaxed/simple') },
    original: { sent: add('\r\n\r\n') },
  },
  ams_fields_bh_rel_eol_wsp: { original: { sent: swap('gang,', 'gang, \t') } },
  ams_fields_bh_rel_inl_wsp: { original: { sent: swap('Hey gang', 'Hey  \t gang') } },
  ams_fields_bh_rel_end_lines: { original: { sent: add('\r\n\r\n') } },
  ams_fields_bh_rel_trail_crlf: { original: { sent: swap(/\r\n$/, '') } },
  ams_fields_c_na: { ams: { signed: tag('c', undefined) } },
  ams_fields_c_rr: {},
  ams_fields_c_rs: { ams: { signed: tag('c', 'relaxed/simple') } },
  ams_fields_c_sr: { ams: { signed: tag('c', 'simple/relaxed') } },
  ams_fields_c_ss: { ams: { signed: tag('c', 'simple/simple') } },
  ams_fields_h_cws1: { ams: signs(H.replaceAll(':', ' : ')) },
  ams_fields_h_cws2: { ams: signs(H.replaceAll(':', ':\r\n\t')) },
  ams_fields_h_case: { ams: signs(H.toUpperCase()) },
  ams_fields_h_dup1: { ams: signs(`${H}:received:received`) },
  ams_fields_h_non_existant: { ams: signs(`${H}:x-none`) },
  ams_fields_h_non_existant_dup: { ams: signs(`${H}:x-none:x-none:from`) },
  ams_fields_h_mis_hdr: { ams: signs('from:to:date') },
  ams_fields_h_includes_ams: { sets: 2, ams: signs(`${H}:arc-message-signature`) },
};

const FAIL: Record<string, Case> = {
  ...failing('as'),
  ...failing('ams'),
  ...structure('aar'),
  cv_fail_i1_as_pass: { as: { signed: tag('cv', 'pass') } },
  cv_fail_i1_as_fail: { as: { signed: tag('cv', 'fail') } },
  cv_fail_i2_ams_na: { sets: 2, ams: { sent: remove } },
  cv_fail_i2_ams_invalid: { sets: 2, ams: { sent: tag('t', '12346') } },
  cv_fail_i2_as1_na: { sets: 2, at: 1, as: { sent: remove } },
  cv_fail_i2_as1_invalid: { sets: 2, at: 1, as: { sent: tag('t', '12346') } },
  cv_fail_i2_as1_pass: { sets: 2, at: 1, as: { signed: tag('cv', 'pass') } },
  cv_fail_i2_as1_fail: { sets: 2, at: 1, as: { signed: tag('cv', 'fail') } },
  cv_fail_i2_as2_na: { sets: 2, as: { sent: remove } },
  cv_fail_i2_as2_none: { sets: 2, as: { signed: tag('cv', 'none') } },
  cv_fail_i2_as2_fail: { sets: 2, as: { signed: tag('cv', 'fail') } },
  as_fields_i_dup2: { sets: 2, as: { signed: swap('i=2', 'i=1') } },
  as_fields_b_aar1: { sets: 2, at: 1, aar: { sent: swap('spf=pass', 'spf=fail') } },
  as_fields_b_ams1: { sets: 2, at: 1, ams: { sent: tag('t', '12346') } },
  as_fields_b_asb1: { sets: 2, at: 1, as: { sent: tag('t', '12346') } },
  as_fields_cv_na: { as: { signed: tag('cv', undefined) } },
  as_fields_cv_empty: { as: { signed: tag('cv', '') } },
  as_fields_cv_invalid: { as: { signed: tag('cv', 'maybe') } },
  ams_fields_b_mod_headers: { original: { sent: swap('Example 1', 'Example 2') } },
  ams_fields_bh_sim_inl_wsp: {
    ams: { signed: tag('c', 'relaxed/simple') },
    original: { sent: swap('Hey gang', 'Hey  gang') },
  },
  ams_fields_bh_na: { ams: { signed: swap('bh=@H; ', '') } },
  ams_fields_bh_empty: { ams: { signed: swap('bh=@H', 'bh=') } },
  ams_fields_bh_base64: { ams: { signed: swap('@H', '%%%%') } },
  ams_fields_bh_mod_sig: { ams: { signed: swap('@H', 'AAAA@H') } },
  ams_fields_bh_mod_bod: { original: { sent: swap('Hey gang', 'Hey guys') } },
  ams_fields_c_empty: { ams: { signed: tag('c', '') } },
  ams_fields_c_invalid: { ams: { signed: tag('c', 'loose/relaxed') } },
  ams_fields_h_na: { ams: { signed: tag('h', undefined) } },
  // The suite of 2016 let this pass; RFC 6376 §5.4 has From signed, and RFC 8617 §4.1.2 makes no exception.
  ams_fields_h_empty: { ams: signs('') },
  ams_fields_h_dup2: {
    ams: signs(`${H}:received`),
    original: { sent: swap('Received: by 10', 'Received: by 11') },
  },
  ams_fields_h_order: { ams: { sent: swap('from:to', 'to:from') } },
  ams_fields_h_empty_added: {
    ams: signs(`${H}:x-none`),
    original: { sent: swap('Message-ID:', 'X-None: 1\r\nMessage-ID:') },
  },
  ams_fields_h_includes_as: { sets: 2, ams: signs(`${H}:arc-seal`) },
  aar_i_wrong: { aar: { signed: swap('i=1', 'i=2') } },
  aar_i_not_prefixed: { aar: { signed: swap('i=1; lists.example.org', 'lists.example.org; i=1') } },
  aar_i_no_semi: { aar: { signed: swap('i=1;', 'i=1') } },
  aar2_missing: { sets: 2, aar: { sent: remove } },
  // The suite of 2016 took one of the two; RFC 8617 §5.2 has any set twice be a failure.
  arc_set_duplicate: { original: { sent: (message) => message.slice(0, message.indexOf('Received:')) + message } },
};

describe('the ARC test suite, made anew', () => {
  const dns = (): FakeDns => {
    const zone = new FakeDns({ 'invalid._domainkey.example.org': { txt: ['v=DKIM1; k=rsa; omgwhatsgoingon'] } });
    for (const [selector, { publicKey }] of Object.entries(keys)) {
      const p = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      zone.set(`${selector}._domainkey.example.org`, { txt: [`v=DKIM1; k=rsa; p=${p}`] });
    }
    return zone;
  };
  for (const [result, cases] of Object.entries({ pass: PASS, fail: FAIL })) {
    for (const [name, one] of Object.entries(cases)) {
      test(`${result}: ${name}`, async () => {
        const found = await judge(await make(one), dns());
        assert.equal(found.result, result, found.comment);
      });
    }
  }

  test('cv_base1: a message without a chain has none', async () => {
    assert.equal((await judge(toWire(ORIGINAL), dns())).result, 'none');
    assert.equal((await judge('', dns())).result, 'none');
  });
});
