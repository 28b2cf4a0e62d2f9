/** The site of this page's host, as state. */
import { createLive, type Live } from './live.ts';
import { siteOfHost, type SiteView } from './site-view.ts';

const current = createLive(siteOfHost(location.hostname));

export const site: Live<SiteView> = current;

export function setSite(view: Partial<SiteView>): void {
  current.set({ ...current.getSnapshot(), ...view });
}
