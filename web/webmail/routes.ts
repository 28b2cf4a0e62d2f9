/** The addresses of the screens: what an address means, and what the address of a screen is. Pure. */
import { formatOpenTarget, parseOpenTarget, type OpenTarget } from '#contract/open-target.ts';
import { ownPage } from '#contract/own-page.ts';
import { readMailto } from './mailto.ts';

export const SETTINGS_PAGES = [
  'profile',
  'mail',
  'signatures',
  'vacation',
  'forwarding',
  'filters',
  'folders',
  'sharing',
  'advanced',
  'appearance',
  'notifications',
  'shortcuts',
  'lookup',
  'history',
] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

/** As the server says it (src/sso/sso.ts). */
export const SSO_TROUBLES = ['refused', 'unavailable', 'disabled', 'notActivated', 'secondStep', 'unknown'] as const;
export type SsoTrouble = (typeof SSO_TROUBLES)[number];

/** Of claiming an account, and of coming back into one. */
export const ACTIVATION_STEPS = ['verify', 'phone', 'password'] as const;
export type ActivationStep = (typeof ACTIVATION_STEPS)[number];
export const RECOVERY_STEPS = ['name', 'phone', 'password', 'done'] as const;
export type RecoveryStep = (typeof RECOVERY_STEPS)[number];

/** Of a letter that a link begins. */
const MAX_RECIPIENTS = 20;

export type Route =
  /** `sso`: why whoever comes back from the school's own sign-in is not signed in. */
  | { readonly screen: 'signIn'; readonly next: string; readonly sso?: SsoTrouble; readonly isSignedOut?: true }
  | { readonly screen: 'ssoUnlinked' }
  /** A program asks to be let in; its question, as it stands in the address. */
  | { readonly screen: 'authorize'; readonly query: string }
  /** Where the school's portal leads: no screen of its own, the webmail goes on from it. */
  | {
      readonly screen: 'open';
      readonly target: OpenTarget;
      readonly recipients: readonly string[];
      /** RFC 6068, of a link elsewhere. */ readonly mailto?: string;
    }
  | { readonly screen: 'activate'; readonly step: ActivationStep }
  | { readonly screen: 'recover'; readonly step: RecoveryStep }
  | { readonly screen: 'mailbox'; readonly mailboxId: string; readonly conversationId: string | undefined }
  | { readonly screen: 'search'; readonly text: string; readonly conversationId: string | undefined }
  /** `tab`: of a page that has several, where it is not the first. */
  | { readonly screen: 'settings'; readonly page: SettingsPage; readonly tab?: 'deleted' }
  /** 通讯录: a unit of the organisation, a group of one's own, or all of one's own. */
  | { readonly screen: 'contacts'; readonly unit: string | undefined; readonly groupId?: string }
  | { readonly screen: 'help'; readonly topic: string | undefined }
  | { readonly screen: 'setup' }
  /** 通知公告: one, or all. */
  | { readonly screen: 'notices'; readonly noticeId: string | undefined };

/** The route of a path with its query. What is no address of ours leads to the inbox. */
export function parseRoute(address: string): Route {
  const url = new URL(address, 'http://here');
  const [screen = '', first, second] = url.pathname.split('/').slice(1).map(decode);
  switch (screen) {
    case 'sign-in': {
      const sso = SSO_TROUBLES.find((trouble) => trouble === url.searchParams.get('sso'));
      const next = ownPage(url.searchParams.get('next'));
      const isSignedOut = url.searchParams.has('signedOut');
      return {
        screen: 'signIn',
        next,
        ...(sso === undefined ? {} : { sso }),
        ...(isSignedOut ? { isSignedOut } : {}),
      };
    }
    case 'open': {
      const mailto = url.searchParams.get('mailto') ?? '';
      if (readMailto(mailto) !== undefined) return { screen: 'open', target: 'compose', recipients: [], mailto };
      return {
        screen: 'open',
        target: parseOpenTarget(url.searchParams.get('to') ?? '') ?? 'inbox',
        recipients: url.searchParams.getAll('recipient').slice(0, MAX_RECIPIENTS),
      };
    }
    case 'sso':
      return { screen: 'ssoUnlinked' };
    case 'oauth':
      return { screen: 'authorize', query: url.search.slice(1) };
    case 'activate':
      return { screen: 'activate', step: ACTIVATION_STEPS.find((step) => step === first) ?? 'verify' };
    case 'recover':
      return { screen: 'recover', step: RECOVERY_STEPS.find((step) => step === first) ?? 'name' };
    case 'search':
      return { screen: 'search', text: url.searchParams.get('q') ?? '', conversationId: first || undefined };
    case 'settings': {
      const page = SETTINGS_PAGES.find((page) => page === first);
      const isDeleted = page === 'lookup' && url.searchParams.get('tab') === 'deleted';
      return { screen: 'settings', page: page ?? 'profile', ...(isDeleted && { tab: 'deleted' }) };
    }
    case 'contacts':
      return readContacts(first, url.searchParams.get('group'));
    case 'help':
      return { screen: 'help', topic: first || undefined };
    case 'setup':
      return { screen: 'setup' };
    case 'notices':
      return { screen: 'notices', noticeId: first || undefined };
    default:
      return {
        screen: 'mailbox',
        mailboxId: (screen === 'mail' && first) || 'inbox',
        conversationId: second || undefined,
      };
  }
}

export function formatRoute(route: Route): string {
  switch (route.screen) {
    case 'signIn':
      return route.next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(route.next)}`;
    case 'ssoUnlinked':
      return '/sso/unlinked';
    case 'authorize':
      return `/oauth/authorize?${route.query}`;
    case 'open': {
      const query = new URLSearchParams([
        ['to', formatOpenTarget(route.target)],
        ...route.recipients.map((recipient) => ['recipient', recipient]),
        ...(route.mailto === undefined ? [] : [['mailto', route.mailto]]),
      ]);
      return `/open?${query.toString()}`;
    }
    case 'activate':
      return path('activate', route.step === 'verify' ? undefined : route.step);
    case 'recover':
      return path('recover', route.step === 'name' ? undefined : route.step);
    case 'mailbox':
      return path('mail', route.mailboxId, route.conversationId);
    case 'search':
      return `${path('search', route.conversationId)}?q=${encodeURIComponent(route.text)}`;
    case 'settings':
      return `${path('settings', route.page)}${route.tab === undefined ? '' : `?tab=${route.tab}`}`;
    case 'contacts':
      return `${path('contacts', route.unit)}${route.groupId === undefined ? '' : `?group=${encodeURIComponent(route.groupId)}`}`;
    case 'help':
      return path('help', route.topic);
    case 'setup':
      return '/setup';
    case 'notices':
      return path('notices', route.noticeId);
  }
}

function readContacts(unit: string | undefined, groupId: string | null): Route {
  const isGroup = unit === undefined && groupId !== null && groupId !== '';
  return { screen: 'contacts', unit: unit || undefined, ...(isGroup && { groupId }) };
}

function path(...parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined)
    .map((part) => `/${encodeURIComponent(part)}`)
    .join('');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
