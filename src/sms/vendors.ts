/** Which vendors are used: one for each name in the settings, and the log where none is named. */
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/log.ts';
import type { OutboxRow } from './ports/sms-store.ts';
import { openAliyun } from './providers/aliyun.ts';
import type { AliyunSettings } from './providers/aliyun.ts';
import { openLogProvider } from './providers/log.ts';
import { openTencent } from './providers/tencent.ts';
import type { TencentSettings } from './providers/tencent.ts';
import type { SmsProvider } from './types.ts';

export const VENDORS = ['aliyun', 'tencent', 'log'] as const;
export type VendorName = (typeof VENDORS)[number];

export interface VendorSettings {
  /** In the order in which they are asked. */
  readonly vendors: readonly VendorName[];
  readonly aliyun: AliyunSettings;
  readonly tencent: TencentSettings;
}

export interface VendorSurroundings {
  readonly log: Logger;
  readonly clock: Clock;
  readonly keep: (row: OutboxRow) => Promise<void>;
}

export function openVendors(settings: VendorSettings, surroundings: VendorSurroundings): readonly SmsProvider[] {
  return settings.vendors.map((name) => {
    switch (name) {
      case 'aliyun':
        return openAliyun(settings.aliyun);
      case 'tencent':
        return openTencent(settings.tencent);
      case 'log':
        return openLogProvider(surroundings);
    }
  });
}
