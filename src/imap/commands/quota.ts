/** QUOTA (RFC 9208): one root for the whole account; limits are set by the administration, not here. */
import { defineCommand, no, ok, SIGNED_IN, type Reply } from '#imap/command.ts';
import { decodeMailboxName, writeMailboxName } from '#imap/mailbox-name.ts';
import { othersAreas, ownArea, requireMailbox } from '#imap/places.ts';
import type { Area } from '#imap/places.ts';
import type { Session } from '#imap/session.ts';

const ROOT = 'account';
const STORAGE_UNIT_BYTES = 1024;

export const getquota = defineCommand({
  name: 'GETQUOTA',
  states: SIGNED_IN,
  capabilities: () => ['QUOTA', 'QUOTA=RES-STORAGE', 'QUOTA=RES-MESSAGE'],
  parse(input) {
    input.space();
    return input.text();
  },
  async run(session, root): Promise<Reply> {
    const areas = [ownArea(session), ...(await othersAreas(session))];
    const area = areas.find((each) => rootOf(each) === root);
    if (area === undefined) return no('No such quota root', 'NONEXISTENT');
    await writeQuota(session, area);
    return ok('Done');
  },
});

export const getquotaroot = defineCommand({
  name: 'GETQUOTAROOT',
  states: SIGNED_IN,
  parse(input, { utf8 }) {
    input.space();
    return decodeMailboxName(input.astring(), utf8);
  },
  async run(session, path): Promise<Reply> {
    const found = await requireMailbox(session, path, 'r');
    session.out.ascii('* QUOTAROOT ');
    writeMailboxName(session.out, found.path, session.utf8);
    session.out.ascii(` "${rootOf(found.area)}"\r\n`);
    await writeQuota(session, found.area);
    return ok('Done');
  },
});

export const setquota = defineCommand({
  name: 'SETQUOTA',
  states: SIGNED_IN,
  parse(input) {
    input.space();
    input.text();
    input.space();
    input.list(() => {
      input.keyword();
      input.space();
      input.number64();
    });
  },
  run: () => no('Quotas are set by the administrators', 'NOPERM'),
});

/** Another's is named as its mailboxes are. */
function rootOf({ prefix }: Area): string {
  return prefix + ROOT;
}

async function writeQuota(session: Session, area: Area): Promise<void> {
  const { usedBytes, quotaBytes, usedMessages, quotaMessages } = await area.account.status();
  const resources: string[] = [];
  if (quotaBytes !== null) {
    resources.push(
      `STORAGE ${Math.ceil(usedBytes / STORAGE_UNIT_BYTES)} ${Math.floor(quotaBytes / STORAGE_UNIT_BYTES)}`,
    );
  }
  if (quotaMessages !== null) resources.push(`MESSAGE ${usedMessages} ${quotaMessages}`);
  session.untagged(`QUOTA "${rootOf(area)}" (${resources.join(' ')})`);
}
