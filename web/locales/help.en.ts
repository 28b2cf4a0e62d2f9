import type { HelpTopic } from './help.ts';

export const HELP: readonly HelpTopic[] = [
  {
    id: 'sign-in',
    title: 'Signing in',
    paragraphs: [
      'Sign in with your staff or student number, or with your alias; the part after @ may be left out. Staff sign in at the staff system, students at the student system.',
      'After several wrong passwords signing in gets slower and asks for a security check, which the browser does by itself: there is no picture to read. If you forgot your password, call the help desk.',
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
    id: 'did-it-arrive',
    title: 'My mail did not arrive',
    paragraphs: [
      'If the other server refused it, you get a report that says why. If it cannot be reached, we go on trying for three days and tell you.',
      'Without a report, ask the recipient to look into their junk. Otherwise tell the help desk recipient, time and subject: every message leaves a trace.',
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
      'Your mailbox stays for a time after you leave, and you are reminded several times. Forward what matters in time, and set an automatic reply with your new address.',
    ],
  },
];
