import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import { readForeign } from './foreign.ts';

/** Each was made by the tool named, of this password. */
const PASSWORD = 'Test密码123';
const MADE: Readonly<Record<string, readonly string[]>> = {
  'doveadm pw (Dovecot 2.3)': [
    '{SSHA}B1BFC7/30i7+i6urkEBJD1eMLVK2yw/7',
    '{SSHA256}DaonCyl9+F+gW3e3mlSK3I8QzQBZSGarlWv5VP01wJ5Xm3Bp',
    '{SSHA512}BZ5/YfSsKPnS2VEz1Q3QEolNBsZNgqR0ygjsf3eykkKdlNAkm2f70gq3Fe9/dhzQ+kZ3AfN3pVFYNp1bjJHyA+tUtDE=',
    '{SMD5}Yx3AkQ23VrfedWKrVdBBT7wtVn4=',
    '{SHA}gejwlEwp6/Gc6s7QIDKGsTaVyDc=',
    '{LDAP-MD5}XuvbzkPIKvnB025wuA8R9Q==',
    '{PLAIN-MD5}5eebdbce43c82af9c1d36e70b80f11f5',
    '{MD5-CRYPT}$1$2ZHpUGw3$pLgRZDAWDyMNSqozUJ4iG0',
    '{SHA256-CRYPT}$5$5Qu4E6uVz5WSt8ab$ZzvmRuVW42UjZzTrrxz/Qx05EW5T6Af0IJslTuJjbgC',
    '{SHA512-CRYPT}$6$S0b59dgRkwqKVeu6$4yA9/0XDywYrnU4zvDQO24K6J2ags6Ihw8lhMYgahcj6qQpcHJq5aOiQGqPX.Gt/uIFdSBuZYx/vW4.KSOt121',
    '{BLF-CRYPT}$2y$05$FhpKkHdddRBUw6G2t84IS.x6rQTASHP95SyGIfCi83WLwvpee1S/2',
    '{CRYPT}$2y$05$ngsi2yQEBhjNm399RXyhQOMhhAStT7QfSaPYEJrlcFYoys1LpOobG',
    '{PBKDF2}$1$MYIVoKYLPnkYIDOH$5000$2d3ea062ab82b4b09d0291df53ca76bb899179fa',
    '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$lmOK5yJpA6ZvPApJkPSJ8w$7f4upi+bt/0eHoVt46VCKfGg29L8hq0XjHQV1z8PUCg',
    '{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$ToaSXTskV4VlirGeCMkWxw$lmmDUIKfw6YDGdgTGdTccGxUlME6ohFxC0D4UQGKE4k',
  ],
  'crypt(3) (libxcrypt 4.4)': [
    '$1$saltsalt$DuMAIBxFGpypUz0mX8JHq1',
    '{CRYPT}$1$saltsalt$DuMAIBxFGpypUz0mX8JHq1',
    '{MD5}$1$saltsalt$DuMAIBxFGpypUz0mX8JHq1',
    '$2b$05$abcdefghijklmnopqrstuuMngTRHIMZ1/OZDReljiEk8DyKcMbrOG',
    '$6$rounds=1000$saltsaltsalt$tkZIIr.vnymRlQVrC3JQwsodr6n.tUaqP45HuyYSPv2Fw7tmr2BHkJ8QM5Z.co5qArYCAiFL5O/hpd9JH/o/A1',
    '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$2tISITRngK/5tUV80O7CsMUb6dcrToHqJTlSWHUDIU1',
    '{CRYPT}$y$j75$saltsalt$1sBtnwuCnjm47p6ls2bok5264dyNxx25hN9fo/shND4',
    '$y$j/.$$JNZD9FzHGFozFC/Zvf5oM2doS8pfVqsTPb.9bAcHYZ3',
    '$y$j8T$abcdefgh$SB0J2ImnbsJX7fTvrBPzUYcSwnFtTQwuBt0.XMpGsa3',
    '$y$jA5$zz9$nISw/s4QLx3oqW06g7k.o0Eszb8BNDcQekzV8fnFJ53',
    '{crypt}$5$saltsaltsalt$mT4C4D6OflDxhL5KPhP7Ou8uw/J/foVSbG.NLfGMn47',
  ],
  'python3 (hashlib)': [
    '{PBKDF2}10000$jDHFJpD657l8uIj25JkzyA$FBOF5OLj4SuF7oK0s1nlEm.wrpQ',
    '{PBKDF2-SHA256}10000$Zetd3IXyuT2gGxFrVr8v8g$VZwyTrgxTbJVAuWBYhj8ZpyzP3JUcaTMdAxO7AFFFdE',
    '{PBKDF2-SHA512}10000$cBI2p.mcpegDCDz7Zr9m4Q$MeXpSlUoXFQv0902FtsgSlrNGkdO.bw0ZkWmP4LoaV.T0RzjiNH0HsGJxgzf3vVo/y/IHZFzfARqiMTl80KShA',
    '{SHA256}cYHAiYPLan+MaCNiSTS70VPWDIX6sHcaEvFuzr03P5o=',
    '{SHA512.HEX}2adebab821f0a879f262e9aec824026de4ec5db33200a2302c3fa4c2a6af87d6c953884e72fc223f50ad763681fc9a33ca4bfe413de29b624f56ae8cb4e30e3d',
    '{SSHA256.HEX}5d3047ad7ad70896fe6f8718cf4401672444138ce0c963a58e4bb6b5f076972c7e194f49976f5263',
    '{MD5}XuvbzkPIKvnB025wuA8R9Q==',
    '{md5}5eebdbce43c82af9c1d36e70b80f11f5',
    '{enc7}go2m+jfwafQJOb0VfwurH9oc8scBmWttdXN0IQ==',
    '{enc8}Maq8fnJmvehnWsjAxxlU+OMHa20=',
  ],
};

/** Of 123456, as Coremail has them. */
const COREMAIL = [
  '{enc1}qsQ.VmFRz1wos',
  '{enc2}e10adc3949ba59abbe56e057f20f883e',
  '{enc5}$1$63beebab$4caiJdl/5RDWvtV4grmmI1',
  '{enc6}fEqNCco3Yq9h5ZUglD3CZJT4lBs=',
  '{enc7}GmqksTiMqHvY7JeYhwdeSHnoer1tGYN2qqaGSw==',
];

test('the forms that Coremail keeps', async () => {
  for (const verifier of COREMAIL) {
    assert.equal(await readForeign(verifier)('123456'), true, verifier);
    assert.equal(await readForeign(verifier)('123457'), false, verifier);
  }
  assert.throws(
    () => readForeign('{enc16}123456'),
    (error) => isMailError(error, 'invalid'),
  );
});

describe('verifiers of other systems', () => {
  for (const [tool, verifiers] of Object.entries(MADE)) {
    for (const verifier of verifiers)
      test(`${tool}: ${verifier.slice(0, 24)}`, async () => {
        const check = readForeign(verifier);
        assert.equal(await check(PASSWORD), true);
        assert.equal(await check('Test密码124'), false);
        assert.equal(await check(''), false);
      });
  }

  const des: Readonly<Record<string, string>> = {
    [PASSWORD]: '{CRYPT}ab78gSY0an9E.',
    Test密码124: '{DES-CRYPT}4pqojbHRsfxzg',
    password: '{CRYPT}./xZjzHv5vzVE',
    passwordX: '{CRYPT}./xZjzHv5vzVE',
    a: '{CRYPT}9ZAGSZXffErWM',
    'longer t': '{CRYPT}Q8yrewh/YR3z2',
  };
  for (const [password, verifier] of Object.entries(des))
    test(`crypt(3), DES: ${verifier} looks at eight octets`, async () => {
      const check = readForeign(verifier);
      assert.equal(await check(password), true);
      assert.equal(await check(`b${password}`), false);
    });

  const refused: Readonly<Record<string, string>> = {
    'in the clear': '{PLAIN}secret',
    'in the clear, as LDAP has it': '{CLEARTEXT}secret',
    'no scheme at all': 'secret',
    'a scheme nobody knows': '{X-ROT13}frperg',
    'thirteen letters of which nobody says what they are': '4pqojbHRsfxzg',
    'DES of BSD, twenty letters': '{CRYPT}_J9..rasmeEPAxodmUMk',
    'gost-yescrypt': '$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$9UspWp80TDA4cHey5JWGZcNh8erDsgNTKTznbYS7dMB',
    'yescrypt with all the memory there is':
      '$y$jST$F5Jx5fExrKuPp53xLKQ..1$2tISITRngK/5tUV80O7CsMUb6dcrToHqJTlSWHUDIU1',
    'yescrypt of several lanes': '$y$j9T..$F5Jx5fExrKuPp53xLKQ..1$2tISITRngK/5tUV80O7CsMUb6dcrToHqJTlSWHUDIU1',
    'yescrypt with a salt that is none': '$y$j75$saltsaltz$1sBtnwuCnjm47p6ls2bok5264dyNxx25hN9fo/shND4',
    'yescrypt with other flags': '$y$./.$$JNZD9FzHGFozFC/Zvf5oM2doS8pfVqsTPb.9bAcHYZ3',
    'a digest cut short': '{SSHA}B1BFC7/30i7+i6ur',
    'a digest without its salt': '{SSHA}gejwlEwp6/Gc6s7QIDKGsTaVyDc=',
    'too many rounds':
      '$6$rounds=999999999$saltsaltsalt$tkZIIr.vnymRlQVrC3JQwsodr6n.tUaqP45HuyYSPv2Fw7tmr2BHkJ8QM5Z.co5qArYCAiFL5O/hpd9JH/o/A1',
    'bcrypt for a day': '$2b$31$abcdefghijklmnopqrstuuMngTRHIMZ1/OZDReljiEk8DyKcMbrOG',
    'PBKDF2 for a day': '{PBKDF2}$1$MYIVoKYLPnkYIDOH$999999999$2d3ea062ab82b4b09d0291df53ca76bb899179fa',
    'argon2 with all the memory there is':
      '$argon2id$v=19$m=9999999,t=3,p=1$lmOK5yJpA6ZvPApJkPSJ8w$7f4upi+bt/0eHoVt46VCKfGg29L8hq0XjHQV1z8PUCg',
    'argon2 for a day':
      '$argon2id$v=19$m=65536,t=999,p=1$lmOK5yJpA6ZvPApJkPSJ8w$7f4upi+bt/0eHoVt46VCKfGg29L8hq0XjHQV1z8PUCg',
    'very long': `{SSHA}${'A'.repeat(100_000)}`,
    'a property of every object': '{__proto__}x',
  };
  for (const [what, verifier] of Object.entries(refused))
    test(`${what} is refused`, () =>
      assert.throws(
        () => readForeign(verifier),
        (error) => isMailError(error, 'invalid'),
      ));
});
