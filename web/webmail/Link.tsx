import type { MouseEvent, ReactNode } from 'react';
import { navigate } from './navigation.ts';
import { formatRoute, type Route } from './routes.ts';

export interface LinkProps {
  readonly to: Route;
  readonly className?: string;
  readonly isCurrent?: boolean;
  readonly onFollow?: (() => void) | undefined;
  readonly children: ReactNode;
  readonly label?: string;
}

/** A link between screens: a real one, so that it opens in a new tab where that is asked for. */
export function Link({ to, className, isCurrent = false, onFollow, children, label }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onFollow?.();
    navigate(to);
  };
  return (
    <a
      href={formatRoute(to)}
      className={className}
      aria-current={isCurrent ? 'page' : undefined}
      aria-label={label}
      onClick={follow}
    >
      {children}
    </a>
  );
}
