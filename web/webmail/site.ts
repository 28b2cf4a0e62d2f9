/** The site of this page's host, as state: what `GET /site` said, until then what it said last, and before that what the host's name tells. */
import type { Site, SiteServer } from '#contract/site.ts';
import type { Language } from '#web/locales/texts.ts';
import { createLive, type Live } from './live.ts';
import { siteOfHost } from './site-of-host.ts';

const STORED_AS = 'campusmail.site';

const current = createLive<Site>({ ...siteOfHost(location.hostname), ...stored() });

export const site: Live<Site> = current;

export function setSite(view: Partial<Site>): void {
  current.set({ ...current.getSnapshot(), ...view });
}

/** Asks the server. Without an answer all stays as it was. */
export async function loadSite(): Promise<void> {
  try {
    const answer = await fetch('/site');
    if (!answer.ok) return;
    const said = (await answer.json()) as Site;
    setSite(said);
    localStorage.setItem(STORED_AS, JSON.stringify(said));
  } catch {
    // No network, or no storage: the next start asks again.
  }
}

function stored(): Partial<Site> {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS) ?? '{}') as Partial<Site>;
  } catch {
    return {};
  }
}

/** '' where nobody told. */
export function siteName({ name, englishName }: Site, language: Language): string {
  return language === 'en' ? englishName || name : name;
}

/** The best way to reach a service; undefined where it is not offered. */
export function serverOf({ servers }: Site, protocol: SiteServer['protocol']): SiteServer | undefined {
  return servers.find((server) => server.protocol === protocol);
}
