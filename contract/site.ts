/** `GET /site`: what a page may know before anybody has signed in. By the host that was asked. */

export interface SiteServer {
  readonly protocol: 'imap' | 'pop3' | 'smtp';
  readonly host: string;
  readonly port: number;
  /** `starttls`: and nothing is said in the clear before it. */
  readonly security: 'tls' | 'starttls';
}

export interface SiteNotice {
  readonly id: string;
  readonly title: string;
  /** `2026-09-01`. */
  readonly publishedOn: string;
  /** `/notices/12`: a page here. */
  readonly url: string | null;
}

/** An old mail system, kept to be read and taken along. */
export interface SiteArchive {
  /** The last day, `2020-09-16`. */
  readonly until: string;
  /** Where its people's mail is now, null where that has no page of its own; and what that is called. */
  readonly url: string | null;
  readonly title: string;
  readonly englishTitle: string;
  /** Whether nobody is let in any more. */
  readonly hasEnded: boolean;
}

/** A domain of ours that is given up for another (domain.md S-18). */
export interface SiteEnding {
  readonly domain: string;
  readonly successor: string;
  /** From when on nothing is sent from it, and no mail to it is taken: `2027-08-02T16:00:00.000Z`. */
  readonly sendBlockedAt: string;
  readonly refusedAt: string;
}

export interface Site {
  /** The university's name in Chinese and in English; '' where nobody told. */
  readonly name: string;
  readonly englishName: string;
  /** Whom this host is for; null where one host serves all. */
  readonly realm: 'staff' | 'student' | null;
  /** What the mail system at this host is called, in Chinese and in English; null where it is nobody's in particular. */
  readonly title: string | null;
  readonly englishTitle: string | null;
  /** Where this host is that of an old mail system; else null. */
  readonly archive: SiteArchive | null;
  /** What a bare login is completed with. */
  readonly domain: string;
  /** All domains of ours: who writes from another is outside. */
  readonly domains: readonly string[];
  /** Those of them that are being given up, or were, and this is no secret any more. */
  readonly endings: readonly SiteEnding[];
  /** Where the others sign in. */
  readonly otherRealmUrl: string | null;
  /** Whose word about senders counts (RFC 8601 §2.5): ours. */
  readonly authservId: string;
  /** What the school's own sign-in is called; null where there is none. */
  readonly sso: { readonly name: string; readonly englishName: string } | null;
  /** Whether codes go out by SMS: without, no telephone helps anybody back. */
  readonly sendsSms: boolean;
  readonly phones: readonly string[];
  /** The help desk's address; null where there is none. */
  readonly mail: string | null;
  /** Those published here, the newest first; then those of the settings. */
  readonly notices: readonly SiteNotice[];
  /** What begins with TLS first. */
  readonly servers: readonly SiteServer[];
}
