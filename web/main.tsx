/** The browser's entry: which face of the application an address belongs to, and what it is drawn from. */
import { createRoot } from 'react-dom/client';
import './ui/base.css';
import { loadTexts } from './locales/texts.ts';
import { currentPreferences } from './webmail/preferences.ts';
import { currentSession } from './webmail/sign-in/auth.ts';
import { loadSite } from './webmail/site.ts';
import { Webmail } from './webmail/Webmail.tsx';

async function start(): Promise<void> {
  const root = document.getElementById('root');
  if (root === null) return;
  // `--mode sample` builds the screens over made-up mail: for tests and for looking at. Other builds leave this out.
  if (import.meta.env.MODE === 'sample') {
    const { startSample } = await import('./webmail/testing/start-sample.ts');
    createRoot(root).render(<Webmail openModel={startSample()} asked={currentSession()} />);
    return;
  }
  // All that the first picture waits for, at once: on a telephone each wait is long.
  const asked = currentSession();
  void loadTexts(currentPreferences.getSnapshot().language);
  void loadSite();
  const { openModel } = await import('./webmail/open-model.ts');
  createRoot(root).render(<Webmail openModel={openModel} asked={asked} />);
  // Without it all works as well, but for the network being there.
  navigator.serviceWorker?.register('/sw.js').catch(() => undefined);
}

void start();
