/** A web server with the routes of activation alone, over a store in memory, with a clock that does not wait and no vendor. */
import { employee, student } from '#directory/testing/person.ts';
import type { AuditEvent } from '#audit/types.ts';
import type { AccountId } from '#base/ids.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import { Directory } from '#directory/directory.ts';
import { judgePassword } from '#directory/password-policy.ts';
import type { Realm } from '#directory/realms.ts';
import { SelfService } from '#directory/self-service.ts';
import { CountingHasher, ImpatientClock, RecordingLog } from '#directory/testing/campus.ts';
import type { Population } from '#directory/types.ts';
import { withServer } from '#http/testing/serve.ts';
import { Activation, type ActivationFacts, type JudgePassword } from '#activation/activation.ts';
import { OwnAccount } from '#activation/own-account.ts';
import { Recovery, type RecoveryFacts } from '#activation/recovery.ts';
import type { AccountNotice } from '#activation/texts.ts';
import type { Sessions } from '#signin/sessions.ts';
import { openTestSignIn } from '#signin/testing/web-sign-in.ts';
import { Walks } from '#signin/walks.ts';
import { Sms, type SmsSettings } from '#sms/sms.ts';
import type { SmsMessage, SmsProvider } from '#sms/types.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { Visitor } from '#test/harness/visitor.ts';

export const STUDENT_DOMAIN = 'stu.kust.example';
export const STAFF_DOMAIN = 'kust.example';
/** What is taken in place of a solved captcha. */
export const SOLVED = 'solved';

export interface Enrolee {
  readonly number: string;
  readonly name: string;
  readonly englishName?: string;
  readonly initialPasswords: readonly string[];
  readonly population?: Population;
  readonly initialExpiresAt?: number;
}

export interface Rig {
  readonly base: string;
  readonly clock: ImpatientClock;
  readonly log: RecordingLog;
  readonly directory: Directory;
  readonly selfService: SelfService;
  readonly sessions: Sessions;
  readonly hasher: CountingHasher;
  /** What was sent, the newest last. */
  readonly messages: readonly SmsMessage[];
  readonly notices: readonly { readonly accountId: AccountId; readonly notice: AccountNotice }[];
  readonly audited: readonly AuditEvent[];
  /** A student (or member of staff) with an account that waits. */
  enrol(person: Enrolee): Promise<AccountId>;
  visitor(): Visitor;
  /** The code that was sent last. */
  lastCode(): string;
}

export interface RigOptions {
  readonly realms?: readonly Realm[];
  readonly sms?: Partial<SmsSettings>;
}

export async function withRig(body: (rig: Rig) => Promise<void>, options: RigOptions = {}): Promise<void> {
  const clock = new ImpatientClock();
  const store = await openMemoryStore({ clock });
  const hasher = new CountingHasher();
  const log = new RecordingLog();
  const directory = new Directory({
    store: store.directory,
    clock,
    random: systemRandom,
    log,
    hasher,
    settings: { scramIterations: 4096, defaultDomain: STUDENT_DOMAIN, realms: options.realms ?? [] },
  });
  for (const domain of [STAFF_DOMAIN, STUDENT_DOMAIN]) await directory.addDomain(domain);
  const selfService = new SelfService({
    store: store.directory,
    directory,
    clock,
    random: systemRandom,
    phoneKey: Buffer.alloc(32, 5),
    reservedAliases: ['xgb'],
  });
  const { signIn, sessions } = openTestSignIn({ directory, clock, log, store: store.signin, hosts: ['127.0.0.1'] });
  const { provider, messages } = recordSms();
  const sms = new Sms({
    store: store.sms,
    providers: [provider],
    key: Buffer.alloc(32, 3),
    clock,
    random: systemRandom,
    log,
    metrics: noMetrics,
    settings: {
      mostADay: 10_000,
      mostAMonth: 10_000,
      perAddress: 10_000,
      perNetwork: 10_000,
      perPrefix: 10_000,
      ...options.sms,
    },
    isShared: () => false,
  });
  const notices: { accountId: AccountId; notice: AccountNotice }[] = [];
  const tell = async (accountId: AccountId, notice: AccountNotice): Promise<void> =>
    void notices.push({ accountId, notice });
  const judge: JudgePassword = async (accountId, password, also) => {
    const persons = await directory.personsOf(accountId);
    return judgePassword(password, {
      accountNames: [...persons.map((one) => one.number), ...also.aliases],
      names: persons.map((one) => one.name),
      phones: also.phones,
      holdsDocument: () => false,
      siteWords: ['kust'],
    });
  };
  const captcha = { accept: async (payload: string) => payload === SOLVED };
  const walking = { store: store.signin, clock, random: systemRandom };
  const audited: AuditEvent[] = [];
  const audit = { record: (event: AuditEvent) => void audited.push(event) };
  const common = {
    audit,
    directory,
    selfService,
    sms,
    signIn,
    captcha,
    clock,
    random: systemRandom,
    log,
    metrics: noMetrics,
  };
  const schools = async () => [
    { id: 'main', name: '昆明理工大学', englishName: 'KUST', pinyin: 'kunmingligongdaxue', initials: 'kmlgdx' },
  ];
  const routes = [
    ...signIn.routes(),
    ...new Activation({
      ...common,
      judgePassword: judge,
      schools,
      walks: new Walks<ActivationFacts>('activation', walking),
    }).routes(),
    ...new Recovery({
      ...common,
      judgePassword: judge,
      tell,
      sessions,
      walks: new Walks<RecoveryFacts>('recovery', walking),
    }).routes(),
    ...new OwnAccount({ ...common, tell }).routes(),
  ];
  await withServer({ routes }, async ({ base }) => {
    try {
      await body({
        base,
        clock,
        log,
        directory,
        selfService,
        sessions,
        hasher,
        messages,
        notices,
        audited,
        async enrol({ number, name, englishName = '', initialPasswords, population = 'student', initialExpiresAt }) {
          const isStudent = population === 'student';
          const [enrolled] = await directory.enrolPeople([
            {
              person: (isStudent ? student : employee)(number, name, {
                englishName,
                unit: '信息工程与自动化学院',
                level: isStudent ? '本科' : '',
                enrolled: 202309,
              }),
              account: {
                address: `${number}@${isStudent ? STUDENT_DOMAIN : STAFF_DOMAIN}`,
                stage: isStudent ? 'pending' : 'active',
                initialPasswords,
                initialExpiresAt: initialExpiresAt ?? null,
              },
            },
          ]);
          if (enrolled?.accountId === undefined || enrolled.accountId === null) throw new Error('nobody was enrolled');
          // Whatever is proven from now on is proven after it.
          clock.advance(1);
          return enrolled.accountId;
        },
        visitor: () => new Visitor(base),
        lastCode: () => messages.at(-1)?.values.find((value) => value.name === 'code')?.text ?? '',
      });
    } finally {
      sessions.close();
      directory.close();
      await store.close();
    }
  });
}

/** In place of a vendor: notes what it is given. */
function recordSms(): { readonly provider: SmsProvider; readonly messages: readonly SmsMessage[] } {
  const messages: SmsMessage[] = [];
  const provider: SmsProvider = {
    name: 'recorder',
    async send(message) {
      messages.push(message);
      return { kind: 'sent', providerId: message.smsId };
    },
    findReceipt: async () => undefined,
  };
  return { provider, messages };
}
