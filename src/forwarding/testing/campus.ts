/** The campus of the groups' tests, whose accounts may forward; with a key to seal with. */
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { mayForwardOutside } from '#directory/forwarding-rules.ts';
import type { ForwardingRules } from '#directory/forwarding-rules.ts';
import type { Forwarding } from '#forwarding/forwarding.ts';
import { openGroupCampus } from '#groups/testing/campus.ts';
import { formatKeyRecord, keyRecordName, makeDkimKey, openSigner } from '#trust/dkim-keys.ts';

export async function openForwardingCampus(given: ForwardingRules) {
  let rules = given;
  let isBroken = false;
  let cannotPost = false;
  const campus = await openGroupCampus('everyone', true, { forwarding: given });
  const { directory, queue, trace, clock } = campus;
  const key = await makeDkimKey('kust.example', 's', 'rsa-sha256', clock.now());
  /** What the system itself has sent. */
  const posts: { readonly octets: Buffer; readonly to: string }[] = [];
  const forwarding: Forwarding = {
    directory: {
      filters: (accountIds) => directory.filters(accountIds),
      forwardings: (accountIds) => directory.forwardings(accountIds),
      dropForwardTargets: (accountId, targets) => directory.dropForwardTargets(accountId, targets),
      mayForwardOutside: (domain, targetDomain) => mayForwardOutside(rules, domain, targetDomain),
      vacations: (accountIds) => directory.vacations(accountIds),
      claimAnswer: (vacation, sender, nowMs) => directory.claimAnswer(vacation, sender, nowMs),
      senderStanding: (accountId) => directory.senderStanding(accountId),
      resolveAddress: (address) => directory.resolveAddress(address),
      account: (accountId) => directory.account(accountId),
    },
    queue: {
      enqueue: (queued) => (isBroken ? Promise.reject(new Error('injected')) : queue.enqueue(queued)),
    },
    trace,
    hostname: 'mx.kust.example',
    clock,
    random: systemRandom,
    log: silentLog,
    srsKeys: [Buffer.from('key')],
    sealerOf: async (domain) => (domain === key.domain ? openSigner(key) : undefined),
    async post(octets, to) {
      if (cannotPost) throw new Error('injected');
      posts.push({ octets, to });
    },
  };
  return {
    campus,
    forwarding,
    posts,
    dnsOfSeals: { [keyRecordName(key)]: { txt: [formatKeyRecord(key)] } },
    breakQueue(broken: boolean): void {
      isBroken = broken;
    },
    breakPost(broken: boolean): void {
      cannotPost = broken;
    },
    /** As after a change of the settings: what was set before stays. */
    setRules(changed: Partial<ForwardingRules>): void {
      rules = { ...rules, ...changed };
    },
  };
}
