/** Every command, in the order the help shows them. */
import type { Command } from './command.ts';
import { accountClass } from './commands/account-class.ts';
import { accountCreate } from './commands/account-create.ts';
import { accountDelete } from './commands/account-delete.ts';
import { accountDisable } from './commands/account-disable.ts';
import { accountEnable } from './commands/account-enable.ts';
import { accountImport } from './commands/account-import.ts';
import { accountList } from './commands/account-list.ts';
import { accountPassword } from './commands/account-password.ts';
import { accountQuota } from './commands/account-quota.ts';
import { accountSecondStep } from './commands/account-second-step.ts';
import { accountSending } from './commands/account-sending.ts';
import { accountHold, accountStage } from './commands/account-stage.ts';
import { accountShow } from './commands/account-show.ts';
import { aliasAdd } from './commands/alias-add.ts';
import { aliasChoose } from './commands/alias-choose.ts';
import { aliasRemove } from './commands/alias-remove.ts';
import { archiveDelete, archiveStatus } from './commands/archive-realm.ts';
import { auditExport, auditList, auditVerify } from './commands/audit.ts';
import { backup } from './commands/backup.ts';
import { configCheck } from './commands/config-check.ts';
import { dkimAdd } from './commands/dkim-add.ts';
import { dkimList } from './commands/dkim-list.ts';
import { dkimActivate, dkimRemove, dkimRetire } from './commands/dkim-manage.ts';
import { dmarc } from './commands/dmarc.ts';
import { dns } from './commands/dns.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { doctorStore } from './commands/doctor-store.ts';
import { domainAdd } from './commands/domain-add.ts';
import { domainList } from './commands/domain-list.ts';
import { domainRemove } from './commands/domain-remove.ts';
import { exportCommand } from './commands/export.ts';
import { forwardOff, forwardSet, forwardShow } from './commands/forward.ts';
import { gc } from './commands/gc.ts';
import { groupCreate } from './commands/group-create.ts';
import { groupDelete } from './commands/group-delete.ts';
import { groupAdd, groupRemove } from './commands/group-entries.ts';
import { groupList } from './commands/group-list.ts';
import { groupSet } from './commands/group-set.ts';
import { groupShow } from './commands/group-show.ts';
import { mailboxCreate } from './commands/mailbox-create.ts';
import { mailboxList } from './commands/mailbox-list.ts';
import { mailboxGrant, mailboxRevoke } from './commands/mailbox-rights.ts';
import { mailboxSet } from './commands/mailbox-set.ts';
import { mailboxShow } from './commands/mailbox-show.ts';
import { migrateAdd, migrateReport, migrateRetry, migrateRun, migrateStatus } from './commands/migrate.ts';
import { idleFreeze, idleStatus } from './commands/idle.ts';
import { importCommand } from './commands/import.ts';
import { phoneRelease, phoneShow } from './commands/phone.ts';
import { noticeEdit, noticeList, noticePublish, noticeSend, noticeWithdraw } from './commands/notice.ts';
import { queueList } from './commands/queue-list.ts';
import { queueCancel, queueHold, queueRelease, queueRetry } from './commands/queue-manage.ts';
import { queueShow } from './commands/queue-show.ts';
import { queueStatus } from './commands/queue-status.ts';
import { reindex } from './commands/reindex.ts';
import { restore } from './commands/restore.ts';
import { personLink, personShow, personUnlink } from './commands/person.ts';
import { rosterPull } from './commands/roster-pull.ts';
import { rosterImport, rosterRuns, rosterShow, rosterUndo } from './commands/roster.ts';
import { scimTokenCreate, scimTokenList, scimTokenRemove } from './commands/scim-token.ts';
import { serve } from './commands/serve.ts';
import { ssoTickets } from './commands/sso.ts';
import { takeOut } from './commands/take-out.ts';
import { trace } from './commands/trace.ts';
import { vacationOff, vacationSet, vacationShow } from './commands/vacation.ts';
import { verify } from './commands/verify.ts';

export const commands: readonly Command[] = [
  serve,
  demo,
  domainAdd,
  domainList,
  domainRemove,
  accountCreate,
  accountImport,
  accountList,
  accountShow,
  accountPassword,
  accountQuota,
  accountClass,
  accountSecondStep,
  accountSending,
  accountStage,
  accountHold,
  idleStatus,
  idleFreeze,
  accountDisable,
  accountEnable,
  accountDelete,
  rosterImport,
  rosterPull,
  rosterRuns,
  rosterShow,
  rosterUndo,
  personShow,
  personLink,
  personUnlink,
  scimTokenCreate,
  scimTokenList,
  scimTokenRemove,
  aliasAdd,
  aliasChoose,
  aliasRemove,
  phoneShow,
  phoneRelease,
  forwardShow,
  forwardSet,
  forwardOff,
  vacationShow,
  vacationSet,
  vacationOff,
  groupCreate,
  groupList,
  groupShow,
  groupSet,
  groupAdd,
  groupRemove,
  groupDelete,
  mailboxCreate,
  mailboxList,
  mailboxShow,
  mailboxSet,
  mailboxGrant,
  mailboxRevoke,
  noticePublish,
  noticeEdit,
  noticeList,
  noticeSend,
  noticeWithdraw,
  dns,
  dkimList,
  dkimAdd,
  dkimActivate,
  dkimRetire,
  dkimRemove,
  dmarc,
  trace,
  queueStatus,
  ssoTickets,
  queueList,
  queueShow,
  queueHold,
  queueRelease,
  queueRetry,
  queueCancel,
  migrateAdd,
  migrateRun,
  migrateRetry,
  migrateStatus,
  migrateReport,
  importCommand,
  exportCommand,
  takeOut,
  archiveStatus,
  archiveDelete,
  doctor,
  doctorStore,
  verify,
  reindex,
  auditList,
  auditVerify,
  auditExport,
  backup,
  restore,
  gc,
  configCheck,
];
