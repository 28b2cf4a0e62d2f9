import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';
import type { IconName } from './icons.ts';
import './banner.css';

export interface BannerProps {
  readonly tone: 'info' | 'warn' | 'trouble';
  readonly icon?: IconName;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** What one has to know about what stands below it. */
export function Banner({ tone, icon = tone === 'info' ? 'info' : 'warning', children, action }: BannerProps) {
  return (
    <div className={`banner banner--${tone}`} role={tone === 'trouble' ? 'alert' : undefined}>
      <Icon name={icon} />
      <div className="banner__text">{children}</div>
      {action}
    </div>
  );
}
