/** SMS by Aliyun (Dysmsapi, version 2017-05-25), by the vendor's own client. */
import type { ProviderOutcome, SmsMessage, SmsProvider, SmsTemplate } from '#sms/types.ts';
import { isNotReached, retryOf, vendorDay } from './vendor.ts';

export interface AliyunSettings {
  /** Host, with a port where it is not the usual one. */
  readonly endpoint: string;
  /** Without TLS only for tests. */
  readonly protocol: 'HTTPS' | 'HTTP';
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly signName: string;
  readonly templates: Readonly<Partial<Record<SmsTemplate, string>>>;
  readonly timeoutMs: number;
}

/** What its codes mean (domain.md §5.6). All others are its customer's trouble. */
const MEANINGS: Readonly<Record<string, ProviderOutcome>> = {
  'isv.MOBILE_NUMBER_ILLEGAL': { kind: 'badNumber' },
  'isv.DOMESTIC_NUMBER_NOT_SUPPORTED': { kind: 'badNumber' },
  'isv.MOBILE_COUNT_OVER_LIMIT': { kind: 'badNumber' },
  'isv.BLACK_KEY_CONTROL_LIMIT': { kind: 'blocked' },
};

/** The vendor's own bound of one number: 触发分钟级流控Permits:1, 小时级, 天级. */
const FLOW_CONTROL = 'isv.BUSINESS_LIMIT_CONTROL';

export function openAliyun(settings: AliyunSettings): SmsProvider {
  const { accessKeyId, accessKeySecret, endpoint, protocol, timeoutMs, signName, templates } = settings;
  // Half a second and 40 MB, so not before something is to be sent.
  const load = async () => {
    const [{ default: sdk }, { Config }] = await Promise.all([
      import('@alicloud/dysmsapi20170525'),
      import('@alicloud/openapi-client'),
    ]);
    const { default: Client, SendSmsRequest, QuerySendDetailsRequest } = sdk;
    const times = { readTimeout: timeoutMs, connectTimeout: timeoutMs };
    const client = new Client(new Config({ accessKeyId, accessKeySecret, endpoint, protocol, ...times }));
    return { client, SendSmsRequest, QuerySendDetailsRequest };
  };
  let loaded: ReturnType<typeof load> | undefined;
  return {
    name: 'aliyun',

    async send({ smsId, phone, template, values }: SmsMessage): Promise<ProviderOutcome> {
      const templateCode = templates[template];
      if (templateCode === undefined) return { kind: 'refused', why: `no template for ${template}` };
      try {
        const { client, SendSmsRequest } = await (loaded ??= load());
        const { body } = await client.sendSms(
          new SendSmsRequest({
            phoneNumbers: domestic(phone),
            signName,
            templateCode,
            templateParam: JSON.stringify(Object.fromEntries(values.map(({ name, text }) => [name, text]))),
            outId: smsId,
          }),
        );
        if (typeof body?.code !== 'string') return { kind: 'unclear', why: 'an answer without a code' };
        return body.code === 'OK' ? { kind: 'sent', providerId: body.bizId ?? '' } : judge(body.code, body.message);
      } catch (error) {
        return judgeThrown(error);
      }
    },

    async findReceipt({ smsId, phone }, sentAt) {
      try {
        const { client, QuerySendDetailsRequest } = await (loaded ??= load());
        const { body } = await client.querySendDetails(
          new QuerySendDetailsRequest({
            phoneNumber: domestic(phone),
            sendDate: vendorDay(sentAt),
            pageSize: 50,
            currentPage: 1,
          }),
        );
        const found = body?.smsSendDetailDTOs?.smsSendDetailDTO?.find(({ outId }) => outId === smsId);
        if (found === undefined) return undefined;
        // 1: waits for the carrier's word, 2: failed, 3: arrived.
        return found.sendStatus === 2 ? 'failed' : 'sent';
      } catch {
        return undefined;
      }
    },
  };
}

function domestic(phone: string): string {
  return phone.replace(/^\+86/, '');
}

function judge(code: string, message = ''): ProviderOutcome {
  if (code === FLOW_CONTROL) return { kind: 'tooOften', retryAfterMs: retryOf(message) };
  return MEANINGS[code] ?? { kind: 'refused', why: code.slice(0, 100) };
}

/** Whatever the client throws: an answer that is an error, a time-out, an answer that is none. */
function judgeThrown(error: unknown): ProviderOutcome {
  const {
    code,
    message = '',
    statusCode,
  } = error as Partial<Record<'code' | 'message', string>> & {
    readonly statusCode?: number;
  };
  if (typeof statusCode === 'number' && statusCode < 500 && typeof code === 'string' && code !== 'undefined')
    return judge(code, message);
  if (isNotReached(error)) return { kind: 'refused', why: 'not reached' };
  return { kind: 'unclear', why: message.slice(0, 200) };
}
