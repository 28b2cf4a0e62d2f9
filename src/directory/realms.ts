/**
 * Realms: sets of people who sign in at places of their own. Which realm an account is at home in follows from the domain
 * of its primary address, which realm somebody knocks at from the host that was asked.
 */
import type { ServiceClass } from './types.ts';

/** Whether people may, or must, prove themselves by a second factor on the web. */
export type SecondStepPolicy = 'off' | 'optional' | 'required';

/** An old mail system that is kept for a time to be read and taken along, and for nothing else (domain.md S-03, S-20). */
export interface Archive {
  /** The last day on which it can be read, `2020-09-16`, as people are told. Nothing ends by itself. */
  readonly retiresOn: string;
  /** The realm that its people go on in. */
  readonly successor: string;
  /** Whether it has been closed. */
  readonly hasEnded: boolean;
}

/** Whether its people are advised to bind a telephone, or have to before they see their mail (S-15). */
export type PhonePolicy = 'advise' | 'force';

export interface Realm {
  /** `staff`. */
  readonly name: string;
  /** 教师邮件系统, and the same in English. */
  readonly title: string;
  readonly englishTitle: string;
  /** That of sign-in names given without one, at its hosts. */
  readonly domain: string;
  /** Those of primary addresses of its people: `domain`, and others. */
  readonly domains: readonly string[];
  readonly serviceClass: ServiceClass;
  /** The names its people are told; '' where they have none of their own. */
  readonly servers: Readonly<Record<'web' | 'imap' | 'pop3' | 'smtp', string>>;
  /** Names of its web pages, the first is what people are told. */
  readonly webHosts: readonly string[];
  /** All names of its doors: its servers', and others. */
  readonly hosts: readonly string[];
  /** Whether its people come in by no other door, not even by one that is nobody's. */
  readonly isStrict: boolean;
  /** Whether new accounts wait until their owner has activated them. */
  readonly needsActivation: boolean;
  readonly secondStep: SecondStepPolicy;
  /** Null: its mail is in use. */
  readonly archive: Archive | null;
  readonly phone: PhonePolicy;
}

export class Realms {
  readonly all: readonly Realm[];
  readonly #byDomain: ReadonlyMap<string, Realm>;
  readonly #byHost: ReadonlyMap<string, Realm>;

  constructor(all: readonly Realm[]) {
    this.all = all;
    this.#byDomain = new Map(all.flatMap((realm) => realm.domains.map((domain) => [domain, realm])));
    this.#byHost = new Map(all.flatMap((realm) => realm.hosts.map((host) => [host, realm])));
  }

  /** Whose people have their primary addresses in that domain. */
  ofDomain(domain: string): Realm | undefined {
    return this.#byDomain.get(domain);
  }

  /** Whose door that host is, in any spelling; undefined: nobody's in particular. */
  ofHost(host: string): Realm | undefined {
    return this.#byHost.get(host.toLowerCase().replace(/\.$/, ''));
  }

  /** The realm that people of an archive go on in. */
  successorOf({ archive }: Realm): Realm | undefined {
    return archive === null ? undefined : this.all.find(({ name }) => name === archive.successor);
  }

  /** Whether people of `home` may come in by the door of `door`; undefined stands for none. */
  static admits(door: Realm | undefined, home: Realm | undefined): boolean {
    if (home === undefined || door === home) return true;
    return door === undefined && !home.isStrict;
  }
}

export const noRealms = new Realms([]);

/** Of several names for one thing, that which is most like `host`: what can be reached by one can be by the other. */
export function nearestHost(names: readonly string[], host: string): string | undefined {
  const likeness = (name: string): number => {
    let same = 0;
    while (same < name.length && name.at(-1 - same) === host.at(-1 - same)) same++;
    return same;
  };
  return names.toSorted((a, b) => likeness(b) - likeness(a))[0];
}
