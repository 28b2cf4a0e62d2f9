/** Every method there is. */
import type { Method } from './core/method.ts';
import { coreEcho } from './methods/core/echo.ts';
import { emailChanges } from './methods/email/changes.ts';
import { emailGet } from './methods/email/get.ts';
import { emailImport } from './methods/email/import.ts';
import { emailParse } from './methods/email/parse.ts';
import { mailboxChanges } from './methods/mailbox/changes.ts';
import { mailboxGet } from './methods/mailbox/get.ts';
import { mailboxQuery, mailboxQueryChanges } from './methods/mailbox/query.ts';
import { mailboxSet } from './methods/mailbox/set.ts';
import { threadChanges } from './methods/thread/changes.ts';
import { threadGet } from './methods/thread/get.ts';

const METHODS: readonly Method[] = [
  coreEcho,
  emailChanges,
  emailGet,
  emailImport,
  emailParse,
  mailboxChanges,
  mailboxGet,
  mailboxQuery,
  mailboxQueryChanges,
  mailboxSet,
  threadChanges,
  threadGet,
];

export const methods: ReadonlyMap<string, Method> = new Map(METHODS.map((method) => [method.name, method]));
