import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';
import type { IconName } from './icons.ts';
import './empty-state.css';

export interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}

export function EmptyState({ icon, title, children }: EmptyStateProps) {
  return (
    <div className="empty-state">
      <span className="empty-state__mark">
        <Icon name={icon} size="large" />
      </span>
      <p className="empty-state__title">{title}</p>
      {children}
    </div>
  );
}

/** Lines where a text will be, `count` of them. */
export function Skeleton({ count }: { readonly count: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: count }, (_, at) => (
        <span key={at} className="skeleton__line" />
      ))}
    </div>
  );
}
