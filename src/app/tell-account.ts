/** A mail of the system's own to the owner of an account. */
import type { AccountId } from '#base/ids.ts';
import { randomId } from '#base/random.ts';
import { formatAddress } from '#directory/address.ts';
import { composeMessage } from '#mime/compose.ts';
import { postmasterOf } from '#submission/texts.ts';
import { createPost } from './outbound.ts';
import type { ThreadSystem } from './system.ts';

export function createTell(
  system: ThreadSystem,
): (accountId: AccountId, notice: { readonly subject: string; readonly text: string }) => Promise<void> {
  const post = createPost(system);
  const { directory, clock, random, config } = system;
  return async (accountId, { subject, text }) => {
    const [primary] = await directory.addressesOf(accountId);
    if (primary === undefined) return;
    const address = formatAddress(primary);
    const octets = composeMessage({
      from: { name: '邮件系统 Mail System', email: postmasterOf(address) },
      to: [{ name: '', email: address }],
      subject,
      text,
      dateMs: clock.now(),
      messageId: `${randomId(random, 16)}@${config.hostname}`,
      // RFC 3834 §5.
      headers: [['Auto-Submitted', 'auto-generated']],
    });
    await post(octets, address);
  };
}
