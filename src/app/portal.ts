/** What the school's portal asks of us, put together for one protocol thread. */
import { Portal, type TicketFacts } from '#sso/portal.ts';
import type { WebSignIn } from '#signin/signin.ts';
import { Walks } from '#signin/walks.ts';
import type { Routes } from './later-routes.ts';
import type { ThreadSystem } from './system.ts';

export function createPortalRoutes(system: ThreadSystem, signIn: WebSignIn): Routes {
  const { config, directory, mail, audit, clock, random, log, signinStore } = system;
  const portal = new Portal({
    secrets: config.portal.secrets,
    tickets: new Walks<TicketFacts>('portal', { store: signinStore, clock, random }),
    skipsSecondStep: config.sso.skipsSecondStep,
    log: log.child({ listener: 'http' }),
    audit,
    directory,
    signIn,
    clock,
    async countUnread(accountId) {
      const account = mail.account(accountId);
      // Somebody who never signed in has no mailboxes yet.
      const mailboxes = (await account.modSeq()) === 0 ? [] : await account.mailboxes();
      const inbox = mailboxes.find(({ role }) => role === 'inbox');
      return inbox === undefined ? 0 : inbox.unreadEmails - inbox.unreadDrafts;
    },
  });
  return { routes: portal.routes(), upgrades: [] };
}
