/** The mailboxes a benchmark needs, named as the peers' load scripts name them, so that both kinds of load find them. */

export const DOMAIN = 'bench.test';
export const PASSWORD = 'pw';

export const ANNOUNCEMENT_RECIPIENTS = 2_000;
export const IDLE_CONNECTIONS = 2_000;
export const SPREAD_USERS = 500;
export const SMTP_CONNECTIONS = [10, 50] as const;
export const IDLER = 'idler';

/** Mailboxes filled beforehand, by user. */
export const FILLED = { m1k: 1_000, m50k: 50_000, m500k: 500_000 } as const;
export type FilledUser = keyof typeof FILLED;

export interface RunShape {
  /** Makes the mailboxes of this run new ones, also on a server whose data outlives it. Letters and digits. */
  readonly stamp: string;
  readonly rounds: number;
  readonly runs: number;
}

export function smtpBase({ stamp }: RunShape, round: number): string {
  return `b${stamp}n${round}`;
}

export function announcementPrefix({ stamp }: RunShape, round: number): string {
  return `an${stamp}n${round}x`;
}

export const oneMailboxUser = (base: string, connections: number, run: number): string =>
  `${base}c${connections}r${run}`;

export const spreadUser = (base: string, connections: number, run: number, index: number): string =>
  `${base}s${connections}r${run}x${numberName(index)}`;

export const announcementUser = (prefix: string, index: number): string => prefix + numberName(index);

export const idleUser = (index: number): string => `id${numberName(index)}`;

const numberName = (index: number): string => String(index).padStart(5, '0');

/** An address here. */
export const addressOf = (user: string): string => `${user}@${DOMAIN}`;

/** Who writes to the world, and what it is written in. */
export const WRITER = 'writer';
export const OUTBOUND_BYTES = 10_240;

/** Domains elsewhere. */
export const OUTBOUND_DESTINATIONS = 200;
export const destinationNames = (): string[] =>
  Array.from({ length: OUTBOUND_DESTINATIONS }, (_, index) => `d${numberName(index)}.out.test`);

/** Every user of a run. */
export function* userNames(shape: RunShape): Generator<string> {
  yield IDLER;
  yield* Object.keys(FILLED);
  for (let index = 0; index < IDLE_CONNECTIONS; index++) yield idleUser(index);
  for (let round = 0; round < shape.rounds; round++) {
    const prefix = announcementPrefix(shape, round);
    for (let index = 0; index < ANNOUNCEMENT_RECIPIENTS; index++) yield announcementUser(prefix, index);
    const base = smtpBase(shape, round);
    for (const connections of SMTP_CONNECTIONS) {
      for (let run = 0; run < shape.runs; run++) {
        yield oneMailboxUser(base, connections, run);
        for (let index = 0; index < SPREAD_USERS; index++) yield spreadUser(base, connections, run, index);
      }
    }
  }
}
