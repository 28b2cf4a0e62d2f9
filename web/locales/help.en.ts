import type { HelpTopic } from './help.ts';

export const HELP: readonly HelpTopic[] = [
  {
    id: 'sign-in',
    title: 'Signing in',
    paragraphs: [
      'Sign in with your staff or student number, or with your alias; the part after @ may be left out. Staff sign in at the staff system, students at the student system.',
      'After several wrong passwords signing in gets slower and asks for a security check, which the browser does by itself: there is no picture to read. If you forgot your password, see “A forgotten password”.',
    ],
  },
  {
    id: 'phone',
    title: 'Your phone number',
    paragraphs: [
      'With a phone number on record you can recover your password. Staff and students alike may add one.',
      'To change the number, remove it and add the new one. Removing it takes a code sent to the present number; if you no longer have that number, call the help desk, who will check who you are.',
      'A code has 6 digits, holds for 5 minutes, and can be asked for again after 60 seconds. Nobody, neither teachers nor administrators, will ever ask you for it.',
    ],
    steps: [
      'Open Settings → Advanced → Phone.',
      'Enter the number and press “Get code”.',
      'Enter the code that you receive and press “Add”.',
    ],
  },
  {
    id: 'activation',
    title: 'Activating a student mailbox',
    paragraphs: [
      'A student mailbox has to be activated before its first use; a staff mailbox does not. Mail that came before is kept. Until then mail programs cannot use it.',
      'The university sets the initial password, usually from your identity document; a final X may be upper or lower case. If your details are refused, check that number and name are as the registry has them; a “·” in a name may be typed as it is.',
    ],
    steps: [
      'On the sign-in page choose “Activate account”.',
      'Choose the school, enter student number, name and initial password, then “Next”.',
      'Enter your phone number and the code that you receive, then “Next”.',
      'Choose an alias (or later) and a new password, then “Activate”. The password must not contain your number, name, phone or document number.',
    ],
  },
  {
    id: 'alias',
    title: 'Your alias',
    paragraphs: [
      'Everybody may choose one alias. It shares the mailbox with your first address: mail to either arrives.',
      'Set it in Settings → Profile → Change alias; students may set it while activating. You can sign in with it, too.',
      'It begins with a letter and has letters, digits and . - _; not digits alone, and not the name of another person, department or group. Your name is a good choice: zhang.san.',
      'When you change it, mail to the old one still arrives for some time.',
    ],
  },
  {
    id: 'default-from',
    title: 'Default sender',
    paragraphs: [
      'Mail is sent from the address you signed in with. For a fixed one choose Settings → Mail → Writing → Default sender.',
      'When writing, the From line lets you choose another: only addresses of your own, your alias, and department mailboxes that you may use.',
      'Each sender has a name and a signature of its own: Settings → Signatures.',
    ],
  },
  {
    id: 'clients',
    title: 'Phones and mail programs',
    paragraphs: [
      '“Phone & mail programs” at the lower left has a QR code and instructions for each program. The web mail can be installed on a desktop or a phone as it is: it works like an app and tells of new mail, with nothing to download.',
      'Android: scan the code, open your mail in a browser and choose “Install app” or “Add to home screen” in its menu. In WeChat, choose “Open in browser” first.',
      'iPhone and iPad: open your mail in Safari, press “Share”, choose “Add to Home Screen”.',
      'Windows and Mac: in Edge or Chrome press “Install on this device” at the lower left, or the sign at the end of the address bar.',
      'Outlook, Foxmail, Thunderbird and Apple Mail mostly need no more than the whole address and the password: they find the servers by themselves.',
    ],
  },
  {
    id: 'servers',
    title: 'Servers',
    paragraphs: [
      'Incoming (IMAP): {imap}',
      'Incoming (POP3): {pop}',
      'Outgoing (SMTP): {smtp}',
      'Staff and students may have servers of their own; these are those of this page’s system.',
      'The user name is the whole address: name@{domain}. IMAP is the better choice: mail stays on the server and is the same everywhere.',
    ],
  },
  {
    id: 'recovery',
    title: 'A forgotten password',
    words: ['forgot', 'reset', 'recover', 'lost password'],
    paragraphs: [
      'With a phone number on record you can set a new password yourself. Without one, or if the number is no longer yours, call the help desk, who will check who you are.',
      'All browsers that are signed in and all client passwords end then. You are told by mail and SMS; if it was not you, call the help desk at once.',
    ],
    steps: [
      'On the sign-in page choose “Forgot the password”.',
      'Enter your number or alias, then “Next”.',
      'Check the last four digits of the phone number, press “Get code”, and enter the code you receive.',
      'Set a new password.',
    ],
  },
  {
    id: 'client-passwords',
    title: 'Client passwords',
    words: ['app password', 'Outlook', 'Thunderbird', 'Apple Mail', 'wrong password', 'IMAP'],
    paragraphs: [
      'Once you have a second step, mail programs need a password of their own, one for each device. Your sign-in password stays out of them.',
      'A client password has 16 letters and is shown once. If you lose it, delete it and make another. The list shows when and where each was used last; delete what you do not know.',
      'After changing your sign-in password, see whether the client passwords are still needed.',
    ],
    steps: [
      'Open Settings → Advanced → Client passwords and make a new one.',
      'Name it (“my phone”), choose what it is for, and create it.',
      'Enter it as the password in the mail program; the user name is still your whole address.',
    ],
  },
  {
    id: 'second-step',
    title: 'The second step',
    words: ['two-factor', '2FA', 'TOTP', 'authenticator', 'passkey', 'recovery codes', 'two-step'],
    paragraphs: [
      'With it, signing in takes more than the password: six digits of an app, a passkey (fingerprint, face or security key), or a code by SMS. Whoever steals the password does not get in.',
      'Make recovery codes and keep them: each is good once if the phone is lost. If all are gone, call the help desk, who will check who you are.',
      'On your own computer you may choose not to be asked for 30 days; do not on a shared one.',
    ],
    steps: [
      'Open Settings → Advanced → Second step.',
      'Scan the picture with an authenticator app and enter the six digits it shows.',
      'Make recovery codes and print them or write them down.',
    ],
  },
  {
    id: 'sso',
    title: 'The campus sign-in',
    words: ['SSO', 'single sign-on', 'CAS', 'portal', 'link', 'ticket'],
    paragraphs: [
      'Where the sign-in page has a button for it, your campus account opens the mailbox without another password. Changing the campus password changes neither the mailbox password nor client passwords.',
      'If it says that no mailbox is linked: whoever has a mailbox links it once by its user name and password; otherwise give the help desk the ticket that the page shows.',
      'On a shared computer sign out of the campus sign-in as well.',
    ],
  },
  {
    id: 'shared-boxes',
    title: 'Department mailboxes',
    words: ['shared mailbox', 'office', 'club', 'switch mailbox'],
    paragraphs: [
      'A department mailbox has no password: who answers for it lets people use it, each with their own account, and it is recorded who did what.',
      'In the web mail, switch by the picture at the top right; mail programs show it under “Other Users”. The From line lets you write as the department.',
      'Before whoever answers for it leaves, ask the administrator to name somebody else. You are reminded before it ends.',
    ],
  },
  {
    id: 'delegation',
    title: 'Letting others use your mailbox',
    words: ['delegate', 'secretary', 'on behalf', 'share', 'assistant'],
    paragraphs: [
      'Others may look after your mail with their own account; never give anybody your password. They may read only, read and tidy, write on behalf of you (recipients see who wrote), or write as you.',
      'Taken back, it ends at once, also on pages that are open. Whatever is done for you is recorded.',
    ],
    steps: ['Open Settings → Sharing.', 'Enter their address, choose what they may do, and add them.'],
  },
  {
    id: 'old-domain',
    title: 'The end of an old domain',
    words: ['old address', 'migration', 'domain change', 'kmust'],
    paragraphs: [
      'When the university gives up a domain, your old and new address are one mailbox: until the end mail to either arrives, and you may sign in by the old name.',
      'You are reminded several times and told who still writes to the old address. Some time before the end you can no longer write from it; the default sender changes to the new address by itself.',
      'After the end, mail to the old address is returned with your new address in it. Tell your correspondents early, and change the address at journals, conferences and banks.',
    ],
  },
  {
    id: 'old-system',
    title: 'The old mail system',
    words: ['oldmail', 'archive', 'read only', 'retired'],
    paragraphs: [
      'After the change to the new system the old one is kept for a while, for reading only: mail can be read, searched, printed and downloaded. Nothing is sent, received, deleted, moved or marked there, and neither password nor settings can be changed. Mail programs (IMAP, POP3, SMTP) do not get in any more.',
      'Sign in on its web page with the user name and the password of those days. The line at the top says how long it is kept and links to the new system. It is closed by the administrators; then signing in tells you where to go on.',
      'Download in time what you want to keep: Settings → Personal information → Download all mail and personal data. A single letter can be saved as an .eml file from its “…” menu.',
    ],
  },
  {
    id: 'take-out',
    title: 'Taking your mail along',
    words: ['backup', 'download', 'export', 'mbox', 'leaving', 'personal data'],
    paragraphs: [
      'You can download all your mail and all that is kept about you at any time, within 15 minutes of signing in; after that sign in again.',
      'The archive has an mbox file for each folder, which Thunderbird, Apple Mail and others open.',
    ],
    steps: ['Sign in anew.', 'Open Settings → Profile and choose “Download all mail and personal data”.'],
  },
  {
    id: 'rules',
    title: 'Rules, lists and forwarding',
    words: ['filter', 'block', 'spam', 'vacation', 'auto reply', 'forward'],
    paragraphs: [
      'Rules move new mail into folders, label, forward or delete it by sender, subject and more. They run from top to bottom, can be dragged, and can be applied to the inbox.',
      'Mail from blocked addresses goes to junk, mail from allowed ones never. A whole domain may be named: @example.com.',
      'Forwarding and automatic replies have pages of their own in the settings. Do not forward work mail outside.',
    ],
    steps: ['Open Settings → Filters and lists.', 'Make a new rule, say when and what, and save.'],
  },
  {
    id: 'muted',
    title: 'Muted conversations',
    words: ['mute', 'silence', 'reply to all', 'do not disturb', '静音', '免打扰'],
    paragraphs: [
      'When a discussion does not concern you and everybody keeps replying to all, mute it: the conversation goes to the archive, and what follows in it is archived and marked as read without telling you. No mail is deleted, and nobody who wrote is told.',
      'Mail that is to you alone is the exception: it comes to the inbox, and you are told.',
      'The server does it, so it holds on phones and in mail programs, too. A muted conversation has a sign in the list; is:muted finds them all. Once unmuted, new mail in it comes to the inbox again.',
    ],
    steps: [
      'Open or select the conversation and choose “Mute conversation”, or press M.',
      'To take it back, open it in the archive and choose “Unmute”, or press M again.',
    ],
  },
  {
    id: 'recall',
    title: 'Recalling a message',
    words: ['undo', 'unsend', 'wrong recipient', 'take back'],
    paragraphs: [
      'For some seconds after sending you can undo it. Later you can recall it from mailboxes inside where it was not read; what went outside or was forwarded stays.',
      'The result is shown for each recipient; you choose whether they are told.',
    ],
    steps: ['Open the message in Sent and look at its delivery.', 'Choose “Recall” and confirm.'],
  },
  {
    id: 'recover-deleted',
    title: 'Recovering deleted mail',
    words: ['undelete', 'restore', 'empty trash', 'deleted by mistake'],
    paragraphs: [
      'What you delete here goes to Trash first, and can be moved back until that is emptied. Mail in Trash and Junk also goes by itself, after the days that are told above the list. After that, or where a mail program has deleted it (by POP3, too), mail is kept for some time more. It takes no space of yours, and you can recover it yourself.',
      'The list says when each message was deleted, by whom, and with which program. If you do not know it, change your password at once.',
      'What is recovered goes back to its folder, or to the inbox where that folder is gone or was Trash. “Delete for good” cannot be undone by anybody.',
    ],
    steps: ['Open Settings › Look it up › Deleted.', 'Choose the messages and press “Recover”.'],
  },
  {
    id: 'did-it-arrive',
    title: 'My mail did not arrive',
    paragraphs: [
      'If the other server refused it, you get a report that says why. If it cannot be reached, we go on trying for three days and tell you.',
      'Without a report, ask the recipient to look into their junk. Otherwise find the message under Settings › Look it up › Sent and press “Report a problem”: the help desk gets its trace, and you a number to ask by. Or tell them recipient, time and subject: every message leaves a trace.',
    ],
  },
  {
    id: 'missing-mail',
    title: 'I miss mail',
    paragraphs: [
      'Look into Junk, then search by sender. If the sender got a report, ask for its text: its code tells the reason.',
      'If mail of a journal or a portal is in Junk, choose “Not junk”: the next will come to the inbox.',
    ],
  },
  {
    id: 'phishing',
    title: 'Telling phishing',
    paragraphs: [
      'The university never asks for a password by mail, nor for a click or a QR scan because of an “upgrade” or an “expiring password”.',
      'Mail from outside is marked so; where a sender could not be verified, or an address looks like one of ours, a notice stands above. Where a link’s text and target differ, the target stands behind the link.',
      'If you entered your password somewhere, change it at once and call the help desk.',
    ],
  },
  {
    id: 'garbled',
    title: 'Unreadable text or file names',
    paragraphs: [
      'Common Chinese encodings are recognised. If the text is unreadable still, press “…” at the message’s upper right and choose another encoding.',
      'If none helps, save the message as an .eml file from the same menu and send it to the help desk.',
      'A winmail.dat is a format of Outlook’s own: ask the sender to send it again as HTML or plain text.',
    ],
  },
  {
    id: 'quota',
    title: 'Space',
    paragraphs: [
      'The lower left shows how much is used. When the mailbox is full, new mail has to wait: empty Trash and Junk, or search has:attachment and delete what is large.',
    ],
  },
  {
    id: 'leaving',
    title: 'Graduating and leaving',
    paragraphs: [
      'Your mailbox stays for a time after you leave, and you are reminded several times. Take your mail along in time (“Taking your mail along”), and set an automatic reply with your new address.',
    ],
  },
];
