/** SMS by Tencent Cloud (version 2021-01-11), by the vendor's own client. */
import type { ProviderOutcome, SmsMessage, SmsProvider, SmsTemplate } from '#sms/types.ts';
import { isNotReached, retryOf } from './vendor.ts';

export interface TencentSettings {
  /** Host, with a port where it is not the usual one. */
  readonly endpoint: string;
  /** Without TLS only for tests. */
  readonly protocol: 'https://' | 'http://';
  readonly region: string;
  readonly secretId: string;
  readonly secretKey: string;
  readonly sdkAppId: string;
  readonly signName: string;
  readonly templates: Readonly<Partial<Record<SmsTemplate, string>>>;
  readonly timeoutMs: number;
}

/** What its codes mean (domain.md §5.6). All others are its customer's trouble. */
const MEANINGS: Readonly<Record<string, ProviderOutcome>> = {
  'InvalidParameterValue.IncorrectPhoneNumber': { kind: 'badNumber' },
  'UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber': { kind: 'badNumber' },
  'FailedOperation.PhoneNumberInBlacklist': { kind: 'blocked' },
};

/** Its own bounds of one number. */
const FLOW_CONTROL = /^LimitExceeded\.(?:DeliveryFrequencyLimit|PhoneNumber\w+Limit)$/;

/** How far receipts are looked back for, seconds. */
const RECEIPT_WINDOW_S = 600;

export function openTencent(settings: TencentSettings): SmsProvider {
  const { endpoint, protocol, region, secretId, secretKey, sdkAppId, signName, templates, timeoutMs } = settings;
  const load = async () => {
    const { sms } = await import('tencentcloud-sdk-nodejs-sms');
    return new sms.v20210111.Client({
      credential: { secretId, secretKey },
      region,
      profile: { httpProfile: { endpoint, protocol, reqTimeout: timeoutMs / 1000 } },
    });
  };
  let loaded: ReturnType<typeof load> | undefined;
  return {
    name: 'tencent',

    async send({ smsId, phone, template, values }: SmsMessage): Promise<ProviderOutcome> {
      const templateId = templates[template];
      if (templateId === undefined) return { kind: 'refused', why: `no template for ${template}` };
      try {
        const client = await (loaded ??= load());
        const { SendStatusSet } = await client.SendSms({
          PhoneNumberSet: [phone],
          SmsSdkAppId: sdkAppId,
          SignName: signName,
          TemplateId: templateId,
          TemplateParamSet: values.map(({ text }) => text),
          SessionContext: smsId,
        });
        const status = SendStatusSet?.[0];
        if (typeof status?.Code !== 'string') return { kind: 'unclear', why: 'an answer without a code' };
        return status.Code === 'Ok' ? { kind: 'sent', providerId: status.SerialNo ?? '' } : judge(status.Code);
      } catch (error) {
        return judgeThrown(error);
      }
    },

    async findReceipt({ smsId, phone }, sentAt) {
      try {
        const client = await (loaded ??= load());
        const sentAtS = Math.floor(sentAt / 1000);
        const { PullSmsSendStatusSet } = await client.PullSmsSendStatusByPhoneNumber({
          BeginTime: sentAtS - 5,
          EndTime: sentAtS + RECEIPT_WINDOW_S,
          Offset: 0,
          Limit: 100,
          PhoneNumber: phone,
          SmsSdkAppId: sdkAppId,
        });
        const found = PullSmsSendStatusSet?.find(({ SessionContext }) => SessionContext === smsId);
        if (found === undefined) return undefined;
        return found.ReportStatus === 'FAIL' ? 'failed' : 'sent';
      } catch {
        return undefined;
      }
    },
  };
}

function judge(code: string): ProviderOutcome {
  if (FLOW_CONTROL.test(code)) return { kind: 'tooOften', retryAfterMs: retryOf(code) };
  // It was at a fault of its own that it did not say whether before or after sending.
  if (code.startsWith('InternalError')) return { kind: 'unclear', why: code.slice(0, 100) };
  return MEANINGS[code] ?? { kind: 'refused', why: code.slice(0, 100) };
}

/** Whatever the client throws: an answer that is an error, a time-out, an answer that is none. */
function judgeThrown(error: unknown): ProviderOutcome {
  const { code, message = '' } = error as Partial<Record<'code' | 'message', string>>;
  if (isNotReached(error)) return { kind: 'refused', why: 'not reached' };
  if (typeof code === 'string' && /^[A-Z]\w+(?:\.\w+)?$/.test(code) && !/^E[A-Z]+$/.test(code)) return judge(code);
  return { kind: 'unclear', why: message.slice(0, 200) };
}
