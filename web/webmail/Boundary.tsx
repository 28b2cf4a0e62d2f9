import { Component, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { EmptyState } from '#web/ui/EmptyState.tsx';
import { NotLoaded } from '#web/ui/later.ts';
import { Phones } from './help/Phones.tsx';
import './boundary.css';

interface BoundaryProps {
  readonly children: ReactNode;
}

/** When a screen breaks, people are told, and what they can do; without it they would look at an empty page. */
export class Boundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override readonly state = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error: error ?? new Error('unknown') };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === undefined ? this.props.children : <Broken error={error} />;
  }
}

function Broken({ error }: { readonly error: unknown }) {
  const { t } = useTexts();
  const isNotLoaded = error instanceof NotLoaded;
  return (
    <main className="broken" role="alert">
      <EmptyState icon="warning" title={t(isNotLoaded ? 'broken.notLoaded' : 'broken.title')}>
        <p>{t(isNotLoaded ? 'broken.notLoadedHint' : 'broken.hint')}</p>
        <p>
          <Button kind="primary" onClick={() => location.reload()}>
            {t('broken.reload')}
          </Button>
        </p>
        <Phones />
        <p className="broken__detail">{String(error).slice(0, 200)}</p>
      </EmptyState>
    </main>
  );
}
