/** Whether the browser would install the web mail as an application, as state: it says so once, whatever screen is shown then. */
import { createLive, type Live } from './live.ts';

/** What Chromium asks before it lets a page be installed; other browsers have it in their menus. */
interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

const current = createLive<InstallPrompt | undefined>(undefined);

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  current.set(event as InstallPrompt);
});
addEventListener('appinstalled', () => current.set(undefined));

/** undefined: the browser does not offer it, or it is installed. */
export const installPrompt: Live<InstallPrompt | undefined> = current;

/** To be called in answer to a click. The browser lets itself be asked once. */
export function install(): void {
  void current.getSnapshot()?.prompt();
  current.set(undefined);
}
