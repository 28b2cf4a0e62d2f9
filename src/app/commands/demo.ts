/** `campusmail demo`, which `npm start` runs: a demonstration campus on high ports on loopback. */
import { resolve } from 'node:path';
import { EXIT, type FreeCommand } from '#app/command.ts';
import { LISTENERS, type Config, type HostPort, type ListenerName } from '#app/config.ts';
import { demoSchool } from '#app/demo/school.ts';
import { enrolFreshmen, FRESHMEN } from '#app/demo/freshmen.ts';
import { seedDemo } from '#app/demo/seed.ts';
import { DEMO_PEOPLE, demoPerson, primaryAddress, STAFF_DOMAIN } from '#app/demo/people.ts';
import { runServer } from '#app/run-server.ts';
import type { RunningServer } from '#app/serve.ts';

const PORTS: Partial<Record<ListenerName, number>> = {
  smtp: 2525,
  submission: 2587,
  submissions: 2465,
  imap: 2143,
  imaps: 2993,
  pop3: 2110,
  pop3s: 2995,
  http: 8080,
};

/** The demonstration's settings where nobody set others. */
export function demoConfig(config: Config): Config {
  const school = demoSchool();
  const { idle, idleSms, boxVacantDays, boxReview } = school.roster;
  const listen = Object.fromEntries(
    LISTENERS.map((name): [ListenerName, readonly HostPort[]] => {
      const port = PORTS[name];
      const own = config.listen[name];
      return [name, own.length > 0 || port === undefined ? own : [{ host: '127.0.0.1', port }]];
    }),
  ) as Config['listen'];
  return {
    ...config,
    listen,
    hostname: config.hostname === 'localhost' ? `mail.${STAFF_DOMAIN}` : config.hostname,
    auth: {
      ...config.auth,
      plaintextOnLoopback: true,
      defaultDomain: config.auth.defaultDomain || school.auth.defaultDomain,
      // Forty cheap hashes of a password that is printed below: the first start waits for them.
      argon2MemoryKib: 1024,
      argon2Passes: 1,
    },
    // A school of one's own, or the invented one: half of each would be neither.
    ...(config.site.name === '' && config.realms.length === 0
      ? {
          site: { ...school.site, notices: config.site.notices },
          realms: school.realms,
          domainPlans: school.domainPlans,
          oauthClients: school.oauthClients,
          roster: { ...config.roster, idle, idleSms, boxVacantDays, boxReview },
        }
      : {}),
    sms: { ...config.sms, vendors: config.sms.vendors.length > 0 ? config.sms.vendors : ['log'] },
    log: { level: config.log.level === 'info' ? 'warn' : config.log.level },
  };
}

function describeDemo(server: RunningServer, password: string, config: Config): string {
  const at = (name: ListenerName): string => {
    const plan = server.listeners.find((listener) => listener.name === name);
    return plan === undefined ? '-' : `${plan.host}:${plan.port}`;
  };
  const examples = ['zeng.guodong', 'shan.lihua', 'maria.goncalves', 'zhang.san', 'omar.haddad'].map(demoPerson);
  const signIns = examples.map((person) => {
    const alias = person.alias === undefined ? '' : `  (${person.alias})`;
    return `    ${primaryAddress(person).padEnd(32)} ${person.name}, ${person.unit}${alias}`;
  });
  const freshmen = FRESHMEN.map(
    ({ number, name, initialPassword }) => `    ${number}  ${name}  initial password ${initialPassword}`,
  );
  return `
  校园邮 campusmail: ${config.site.name} (an invented campus, ${DEMO_PEOPLE.length} people)

    webmail       http://${at('http')}/
    IMAP          ${at('imap')} (STARTTLS)    ${at('imaps')} (TLS)
    POP3          ${at('pop3')} (STARTTLS)    ${at('pop3s')} (TLS)
    SMTP in       ${at('smtp')}
    sending       ${at('submission')} (STARTTLS)    ${at('submissions')} (TLS)
    data          ${config.dataDir}

  Everybody's password is ${password}
${signIns.join('\n')}
    … campusmail account list shows them all.

  Freshmen who have not activated yet, at http://${at('http')}/activate with any number such as 13800001234:
${freshmen.join('\n')}
    Their SMS are at http://${at('http')}/demo/outbox

  Try:  curl -s 'imap://127.0.0.1:${at('imap').split(':')[1]}/INBOX?ALL' -u '${primaryAddress(demoPerson('zhang.san'))}:${password}'
  Ctrl-C ends it. To begin anew, delete ${config.dataDir}.

`;
}

export const demo: FreeCommand = {
  name: 'demo',
  usage: '[--data DIR]',
  about: 'Run a demonstration campus on loopback (what npm start does).',
  details: `
Listens on 127.0.0.1: web 8080, SMTP 2525, submission 2587 and 2465 (TLS),
IMAP 2143 and 2993 (TLS), POP3 2110 and 2995 (TLS). Data is kept in ./data.
Settings given by --config or by CAMPUSMAIL_… variables win over these.

  --data DIR  keep the data elsewhere`,
  options: { data: { type: 'string' } },
  positionals: [0, 0],
  needs: 'config',
  async run(given, args, io, runInside) {
    const dataDir = args.values['data'] === undefined ? given.dataDir : resolve(io.cwd, String(args.values['data']));
    const config = { ...demoConfig(given), dataDir };
    const code = await runServer({
      config,
      io,
      runCommand: runInside,
      async prepare(server) {
        const password = await seedDemo(server.system);
        await enrolFreshmen(server.system);
        io.out(describeDemo(server, password, config));
      },
    });
    return code === EXIT.ok ? EXIT.ok : code;
  },
};
