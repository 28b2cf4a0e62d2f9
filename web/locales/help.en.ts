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
      'With a phone number on record you can recover your password. To change the number, remove it and add the new one.',
    ],
    steps: ['Open Settings → Advanced → Phone.', 'Enter the number and the code that you receive.'],
  },
  {
    id: 'activation',
    title: 'Activating a student mailbox',
    paragraphs: ['A student mailbox has to be activated before its first use. Mail that came before is kept.'],
    steps: [
      'On the sign-in page choose “Activate account”.',
      'Choose the school, enter student number, name and initial password, then “Next”.',
      'Enter your phone number and the code that you receive, then “Next”.',
      'Choose an alias and a new password, then “Activate”.',
    ],
  },
  {
    id: 'alias',
    title: 'Your alias',
    paragraphs: [
      'Everybody may choose one alias. It shares the mailbox with your first address: mail to either arrives.',
      'Set it in Settings → Profile; students may set it while activating.',
    ],
  },
  {
    id: 'default-from',
    title: 'Default sender',
    paragraphs: [
      'Mail is sent from the address you signed in with. For a fixed one choose Settings → Mail → Writing → Default sender.',
      'When writing, the From line lets you choose another.',
    ],
  },
  {
    id: 'clients',
    title: 'Phones and mail programs',
    paragraphs: [
      '“Phone & mail programs” at the lower left has a QR code and instructions for each program. The web mail can be installed on a desktop or a phone as it is.',
    ],
  },
  {
    id: 'servers',
    title: 'Servers',
    paragraphs: [
      'Incoming (IMAP): {imap}, port 993, SSL/TLS.',
      'Incoming (POP3): {pop}, port 995, SSL/TLS.',
      'Outgoing (SMTP): {smtp}, port 465, SSL/TLS; or port 587, STARTTLS.',
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
      'Mail from outside is marked so; where a sender could not be verified a notice stands above. Where a link’s text and target differ, the target stands behind the link.',
      'If you entered your password somewhere, change it at once and call the help desk.',
    ],
  },
  {
    id: 'garbled',
    title: 'Unreadable text or file names',
    paragraphs: [
      'Common Chinese encodings are recognised. If something is unreadable still, save the message and send it to the help desk.',
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
