/**
 * Which names people may choose as their alias (domain.md A5-A8, §3.3): how they are written, and which mean somebody or
 * something already. Whether a name is taken is asked where it is given out. Pure.
 */
import { ALIAS_LENGTH } from './limits.ts';

/** Why an alias is refused. The pages have a text for each. */
export const ALIAS_FAULTS = [
  /** Not 3 to 20 characters. */
  'length',
  /** Others than a-z, 0-9, `.`, `-`, `_`. */
  'characters',
  /** The first is no letter. */
  'start',
  /** `.`, `-` or `_` at the end, or one beside another. */
  'separators',
  /** Might be a 工号 or 学号. */
  'number',
  /** Means an office, a role or a machine. */
  'reserved',
  /** Looks like a name that is reserved or taken: 0 for o, 1 or i for l. */
  'lookalike',
  /** Is somebody's, or was until lately. */
  'taken',
  /** Changed less than 180 days ago. */
  'tooSoon',
] as const;
export type AliasFault = (typeof ALIAS_FAULTS)[number];

/** RFC 2142 §§3-5 roles, what mail systems and universities use, and hosts. */
const RESERVED = (
  'postmaster abuse hostmaster webmaster security noc info support sales marketing usenet news uucp www ftp admin ' +
  'administrator root mail mailer-daemon mailadmin no-reply noreply bounce bounces list lists listserv all everyone staff ' +
  'teacher teachers student students president principal office service services helpdesk help contact official system ' +
  'notice notices daemon nobody guest test null xiaozhang shuji dangwei dangban xuexiao xiaoban kust kmust jwc rsc cwc xsc ' +
  'bgs yjs yjsy kyc kjc gjc zsb zjc tw tuanwei gonghui jiwei jjc zzb xcb tzb bwc hqc sbc jcc nic its xxb xxzx xxhzx wlzx vpn ' +
  'sso cas oa ehall portal smtp imap pop pop3 ns dns mx autodiscover autoconfig wpad localhost'
).split(' ');

export interface AliasRules {
  readonly reserved: ReadonlySet<string>;
  /** What those look like, without separators. */
  readonly looks: ReadonlySet<string>;
}

/** `additions`: the school's own, in any spelling; abbreviations of its units above all. */
export function makeAliasRules(additions: readonly string[]): AliasRules {
  const words = [...RESERVED, ...additions.map((word) => fold(word))];
  return { reserved: new Set(words), looks: new Set(words.map((word) => bareLookOf(word))) };
}

/** The alias in its one spelling, or what is wrong with it. Dots count: `zhang.san` and `zhangsan` are two. */
export function judgeAlias(text: string, rules: AliasRules): { readonly alias: string } | AliasFault {
  // Longer than anything that could be folded to an alias.
  if (text.length > 4 * ALIAS_LENGTH.most) return 'length';
  const alias = fold(text);
  const isNumber = /^\d+$/.test(alias);
  if (isNumber) return 'number';
  if (!/^[a-z0-9._-]*$/.test(alias)) return 'characters';
  if (alias.length < ALIAS_LENGTH.least || alias.length > ALIAS_LENGTH.most) return 'length';
  if (!/^[a-z]/.test(alias)) return 'start';
  if (/[._-]$|[._-]{2}/.test(alias)) return 'separators';
  if (rules.reserved.has(alias)) return 'reserved';
  // A few letters and then digits, as numbers of staff have; digits, some of them written as letters.
  if (/^[a-z]{1,3}[._-]?\d{5,}$/.test(alias) || /^(?=.*\d)[0-9oil._-]+$/.test(alias)) return 'number';
  return rules.looks.has(bareLookOf(alias)) ? 'lookalike' : { alias };
}

/** The same for all names that are easily taken for each other. The stores have an index over just this. */
export function lookOf(localPart: string): string {
  return localPart.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('i', 'l');
}

function bareLookOf(word: string): string {
  return lookOf(word.replaceAll(/[._-]/g, ''));
}

function fold(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}
