/**
 * Says in plain words why a server refused: finds the cause in its code and its words. Pure tables; the texts are in
 * refusal-texts.ts. A wrong guess does no harm but to the reader: nothing is decided by it.
 */
import { isAscii } from '#smtp/address.ts';
import { REFUSAL_TEXTS } from './refusal-texts.ts';
import type { RefusalCause } from './refusal-texts.ts';
import type { DeliveryFailure } from './types.ts';

export interface RefusalExplanation {
  readonly cause: RefusalCause;
  readonly zh: string;
  readonly en: string;
}

/**
 * The code speaks first where all servers mean the same by it; then their words; then what the codes only suggest:
 * `550 5.7.1` stands before everything from a blacklist to a full mailbox.
 */
export function explainRefusal(failure: DeliveryFailure): RefusalExplanation {
  const [kind = '', subject = '', detail = ''] = failure.enhanced.split('.');
  const status = `${subject}.${detail}`;
  const cause =
    CLEAR_STATUS.get(status) ??
    findCause(failure.text) ??
    VAGUE_STATUS.get(status) ??
    VAGUE_CODE.get(failure.code ?? 0) ??
    VAGUE_STATUS.get(subject) ??
    (kind === '4' ? 'temporary' : 'permanent');
  return { cause, ...REFUSAL_TEXTS[cause] };
}

/** RFC 3463 §3 and the IANA registry that grew from it (RFC 5248), without the class; then Exchange Online's own. */
const CLEAR_STATUS: ReadonlyMap<string, RefusalCause> = new Map<string, RefusalCause>([
  ['1.1', 'noSuchUser'],
  ['1.2', 'noSuchDomain'],
  ['1.6', 'noSuchUser'],
  ['1.8', 'badSender'],
  ['2.2', 'mailboxFull'],
  ['2.3', 'tooLarge'],
  ['3.4', 'tooLarge'],
  ['4.6', 'loop'],
  ['5.3', 'tooManyRecipients'],
  ['6.7', 'unsupported'],
  ['7.10', 'tlsFailed'],
  ['7.20', 'unauthenticated'],
  ['7.21', 'unauthenticated'],
  ['7.22', 'unauthenticated'],
  ['7.23', 'unauthenticated'],
  ['7.24', 'unauthenticated'],
  ['7.25', 'serverBlocked'],
  ['7.26', 'unauthenticated'],
  ['7.27', 'badSender'],
  ['7.28', 'rateLimited'],
  ['7.29', 'unauthenticated'],
  ['7.30', 'tlsFailed'],
  ['2.121', 'rateLimited'],
  ['2.122', 'rateLimited'],
  ['4.14', 'loop'],
  ['4.310', 'noSuchDomain'],
  ['7.54', 'relayDenied'],
  ['7.64', 'relayDenied'],
  ['7.124', 'restricted'],
  ['7.133', 'restricted'],
  ['7.134', 'restricted'],
  ['7.136', 'restricted'],
  ['7.193', 'restricted'],
  ['7.508', 'rateLimited'],
  ['7.509', 'unauthenticated'],
  ['7.511', 'serverBlocked'],
  ['7.515', 'unauthenticated'],
  ['7.606', 'serverBlocked'],
]);

/** What a status suggests when the words said nothing; a subject alone is asked last. */
const VAGUE_STATUS: ReadonlyMap<string, RefusalCause> = new Map<string, RefusalCause>([
  ['1', 'badAddress'],
  ['1.3', 'badAddress'],
  ['1.4', 'badAddress'],
  ['1.7', 'badSender'],
  // RFC 7505 §4.2; Exchange Online uses it for unknown users, and says so in words.
  ['1.10', 'acceptsNoMail'],
  // Google says `4.2.1` to senders that are too quick.
  ['2.1', 'mailboxDisabled'],
  ['2.4', 'serverTrouble'],
  ['3', 'serverTrouble'],
  ['3.3', 'unsupported'],
  ['4', 'unreachable'],
  ['4.5', 'serverTrouble'],
  ['4.7', 'expired'],
  ['6', 'unsupported'],
  ['7', 'policy'],
  ['7.2', 'restricted'],
  ['7.4', 'tlsFailed'],
  ['7.5', 'tlsFailed'],
  ['7.13', 'mailboxDisabled'],
]);

/** RFC 5321 §4.2.3, RFC 7504 §3, RFC 7505 §4. */
const VAGUE_CODE: ReadonlyMap<number, RefusalCause> = new Map<number, RefusalCause>([
  [421, 'serverTrouble'],
  [452, 'serverTrouble'],
  [454, 'tlsFailed'],
  [521, 'acceptsNoMail'],
  [551, 'noSuchUser'],
  [552, 'mailboxFull'],
  [553, 'badAddress'],
  [556, 'acceptsNoMail'],
]);

/** More is not read of what a server said. */
const TEXT_CHARS = 1000;

/** By words: the first row one of whose phrases occurs. */
function findCause(text: string): RefusalCause | undefined {
  const words = spell(text.slice(0, TEXT_CHARS));
  for (const [cause, phrases] of PHRASES) if (phrases.some((phrase) => words.includes(phrase))) return cause;
  return undefined;
}

/** One spelling for `DT:SPM`, `non-existent` and `User  unknown`: lower case, one blank for whatever parts words. */
function spell(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()}`;
}

/**
 * The words of Postfix, Exim, Exchange, Google, Yahoo, QQ, NetEase (`DT:SPM` …), Coremail, Aliyun and others, by
 * `spell`. English ones begin at a word and may end within one (`blacklist` also means `blacklisted`);
 * Chinese ones may stand anywhere. What is particular comes before what is general, and what `access denied` or
 * `rejected` may mean comes last.
 */
const PHRASES: readonly (readonly [RefusalCause, readonly string[]])[] = [
  row(
    'loop',
    'mail loop, routing loop, looping message, too many hops, hop count exceeded, too many received, loops back',
  ),
  row(
    'unauthenticated',
    `spf fail, spf check, spf hard, spf soft, spf valid, spf record, spf validation, MI:SPF, failed spf, fails spf,
     not pass spf, sender policy framework, dkim, MI:DKM, dmarc, MI:DMC fail, unauthenticated email, unauthenticated mail,
     not authorized to send on behalf, sender id fail, DT:SUM, fake sender, envelope sender and header from`,
  ),
  row(
    'virus',
    'virus, malware, infected, illegal attachment, attachment type, blocked attachment, file type, executable, 病毒',
  ),
  row(
    'tryLater',
    'greylist, graylist, grey list, gray list, postgrey, deferred for policy, please retry later to prove, 灰名单',
  ),
  row(
    'rateLimited',
    `rate limit, ratelimit, frequency limit, frequency is limited, too many connections, too many messages, too many mails,
     too many errors, too many sessions, too many concurrent, too many emails, too much mail, too many same size,
     unusual rate, receiving mail at a rate, receiving mail too quickly, sending rate, rate exceeded, throttl, exceeded the rate,
     sending quota, sending limit, sent too many, concurrent connection, connection limit, connections from your,
     mailbox unavailable or access denied,
     HL:ICC, HL:IFC, HL:ITC, MI:DMC, MI:SFQ, MI:CEL, MI:CCL, MI:STC, RP:DRC, RP:CCL, RP:CEL, RP:QRC, RP:TRC, tss0, ts01, ts02, ts03, ts04,
     频率, 发信过于频繁`,
  ),
  row('tooManyRecipients', 'too many recipients, too many rcpt, number of rcpts, out of allow rcpt, recipient limit'),
  row(
    'mailboxFull',
    `mailbox full, mailbox is full, mailbox exceeded, mailbox size limit, mailbox quota, quota exceed, exceeded quota,
     over quota, overquota, over the quota, out of storage, insufficient storage, storage allocation,
     exceeded storage, disk quota, user is full, user has exhausted, inbox is full, quotaexceeded, mailbox has exceeded,
     not enough space, space is not enough, 邮箱已满, 空间不足, 容量已满, 容量满`,
  ),
  row(
    'tooLarge',
    `message too large, message too big, message size exceed, message size, size exceed, size limit, exceeds size, too large,
     message is too long, message is too large, attachment is too long, exceeded mailsize, maximum message size,
     mail size, data size exceed, exceeds maximum, 邮件过大, 超过大小`,
  ),
  row(
    'mailboxDisabled',
    `account disabled, account is disabled, account has been disabled, mailbox disabled, mailbox is disabled, user disabled,
     user is disabled, reach is disabled, inactive, deactivated, suspended, user hangup, user locked, user is locked, account is locked,
     mailbox is frozen, account expired, account closed, account has been closed, no longer active, not active,
     user rejected, discontinued, has been closed, 已停用, 停用, 冻结, 注销`,
  ),
  row(
    'restricted',
    `only accepts messages from, only accepts mail from, restrictdomains, sender not authenticated for, not allowed to send to,
     not permitted to send to, authorized senders, rejected by recipient, mail is rejected by recipient, user in blacklist,
     local user only, members only, not a member, private list, restricted recipient, permission to send to,
     refused by the recipient, blocked by the recipient`,
  ),
  row(
    'badSender',
    `sender address rejected domain, sender domain, domain of sender, sender verify failed, sender address does not exist,
     cannot resolve your domain, sender address is invalid, mail from invalid, sender is unvalidated, invalid sender,
     envelope sender domain, sender is invalid, verify sender, MI:NHD, MI:IMF`,
  ),
  row(
    'noSuchDomain',
    `domain not found, domain does not exist, domain doesn, no such domain, unknown domain, host not found, name or service not known,
     nxdomain, host unknown, unknown host, dns query error, no mx, bad destination system, 域名不存在`,
  ),
  row(
    'noSuchUser',
    `user unknown, unknown user, no such user, nosuchuser, user not found, user doesn, user does not, user not exist, user not local,
     no such recipient, recipient not found, recipientnotfound, recipient unknown, unknown recipient, recipient does not,
     recipient not exist, invalid recipient, invalid user, invalid mailbox, invalid rcptto, no such mailbox, unknown mailbox,
     mailbox not found, mailbox does not, mailbox doesn, mailbox unknown, mailbox not exist, no mailbox here, no mailbox by,
     no such address, address does not exist, account does not exist, account that you tried to reach does not, non existent,
     nonexistent, does not exist here, not a valid mailbox, not a valid user, not a known user, not our customer,
     unrouteable address, address unknown, unknown address, unknown local part, undeliverable address, addressee unknown,
     recipient address rejected: access, bad destination mailbox, doesn't have a, no user here, is not found, not a valid recipient,
     用户不存在, 收件人不存在, 地址不存在, 帐号不存在, 账号不存在, 邮箱不存在`,
  ),
  row(
    'relayDenied',
    `relay access denied, relaying denied, relay denied, relay not permitted, relaying not, relay is not, unable to relay,
     not permitted to relay, not allowed to relay, unauthorized relay, denies relay, we do not relay, no relay, relaying to,
     mail is not hosted here, not hosted, authentication required, authentication is required, rcpthosts, relay check`,
  ),
  row('tlsFailed', 'starttls, encryption required, certificate, tls'),
  row(
    'serverBlocked',
    `spamhaus, spamcop, barracuda, sorbs, rbl, dnsbl, uceprotect, blacklist, black list, blocklist, block list, blocked using,
     black ip, block ip, ip block, ip is blocked, ip has been blocked, ip is rejected, ip is hangup, ip in, banned sending ip, invalid ip, your ip,
     client host, client ip, ip address, reputation, unsolicited mail originating, suspicious due to,
     ptr record, reverse dns, reverse lookup, rdns, helo, ehlo, s3140, s3150, HL:REP, HL:MEP, HL:IHU, HL:IPB, DT:RBL,
     WM:BLI, networklist, part of their network is on our block list, access from your, 黑名单`,
  ),
  row(
    'senderBlocked',
    `sender rejected, sender is rejected, sender denied, sender blocked, sender is blocked, blocked sender, banned sender, denies the sender,
     suspected spam sender, MI:SPB, WM:BLU, black mail address, sender address rejected, sender address blocked, address is blocked, domain blocked, domain is blocked,
     domain rejected, sender not`,
  ),
  row(
    'spam',
    `spam, DT:SPM, dt spam, unsolicited, bulk mail, junk, content denied, content reject, content is rejected,
     message content, mail content, inappropriate content, prohibited content, phish, suspicious, contains url, blocked url, malicious, 垃圾邮件, 内容`,
  ),
  row('acceptsNoMail', `does not accept mail, doesn't accept mail, null mx, nullmx, accepts no mail`),
  row(
    'unreachable',
    `connection timed out, connection refused, connect to, could not connect, cannot connect, no route, network is unreachable,
     unreachable, lost connection, connection reset, connection closed, connection lost, timed out, timeout, dns error, no answer`,
  ),
  row('unsupported', 'smtputf8, 8bitmime, binarymime, bare lf, bare linefeed, bare newline'),
  row('expired', 'delivery time expired, message expired, retry timeout, retry time not reached'),
  row(
    'badAddress',
    'bad address syntax, bad recipient address syntax, address syntax, syntax error, malformed address, invalid address',
  ),
  row(
    'serverTrouble',
    `too busy, system busy, server busy, service unavailable, service not available, overload, insufficient system, resources temporarily,
     local error, internal error, queue file write error, server configuration, database, out of memory, temporary system, system storage,
     not accepting network messages`,
  ),
  row('tryLater', 'try again, try later, retry later, please retry, later'),
];

/** English words begin where a word begins; Chinese has no blanks to tell. */
function row(cause: RefusalCause, phrases: string): readonly [RefusalCause, readonly string[]] {
  return [cause, phrases.split(',').map((phrase) => (isAscii(phrase) ? spell(phrase) : phrase.trim()))];
}
