/** The settings of SMS as vendors' clients want them. */
import type { SmsSettings } from '#sms/sms.ts';
import type { SmsTemplate } from '#sms/types.ts';
import { VENDORS, type VendorSettings } from '#sms/vendors.ts';
import type { SettingKey } from './config.ts';

/** `refuse`: throws for a setting that cannot be. */
export function readSms(
  value: <T>(key: SettingKey) => T,
  refuse: (message: string) => never,
): SmsSettings & VendorSettings {
  const text = (key: SettingKey): string => value<string>(key);
  const vendors = value<readonly string[]>('sms.vendors').map(
    (name) => VENDORS.find((one) => one === name) ?? refuse(`sms.vendors: "${name}" is none of ${VENDORS.join(', ')}`),
  );
  const endpointOf = (key: SettingKey): URL =>
    /^https?:\/\/[^/]+\/?$/.test(text(key)) && URL.canParse(text(key))
      ? new URL(text(key))
      : refuse(`${key} must be a URL without a path, as "https://sms.example.com"`);
  const templatesOf = (vendor: 'aliyun' | 'tencent'): Partial<Record<SmsTemplate, string>> => {
    const all: Record<SmsTemplate, string> = {
      code: text(`sms.${vendor}.template_code`),
      passwordChanged: text(`sms.${vendor}.template_password_changed`),
      mailboxIdle: text(`sms.${vendor}.template_mailbox_idle`),
      phoneChanged: text(`sms.${vendor}.template_phone_changed`),
    };
    return Object.fromEntries(Object.entries(all).filter(([, id]) => id !== ''));
  };
  const timeoutMs = value<number>('sms.timeout_seconds') * 1000;
  const aliyun = endpointOf('sms.aliyun.endpoint');
  const tencent = endpointOf('sms.tencent.endpoint');
  return {
    mostADay: value('sms.per_day'),
    mostAMonth: value('sms.per_month'),
    perAddress: value('sms.per_address_hour'),
    perNetwork: value('sms.per_network_hour'),
    perPrefix: value('sms.per_prefix_hour'),
    vendors,
    aliyun: {
      endpoint: aliyun.host,
      protocol: aliyun.protocol === 'https:' ? 'HTTPS' : 'HTTP',
      accessKeyId: text('sms.aliyun.key_id'),
      accessKeySecret: text('sms.aliyun.key_secret'),
      signName: text('sms.aliyun.sign_name'),
      templates: templatesOf('aliyun'),
      timeoutMs,
    },
    tencent: {
      endpoint: tencent.host,
      protocol: tencent.protocol === 'https:' ? 'https://' : 'http://',
      region: text('sms.tencent.region'),
      secretId: text('sms.tencent.secret_id'),
      secretKey: text('sms.tencent.secret_key'),
      sdkAppId: text('sms.tencent.sdk_app_id'),
      signName: text('sms.tencent.sign_name'),
      templates: templatesOf('tencent'),
      timeoutMs,
    },
  };
}
