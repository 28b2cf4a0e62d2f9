/**
 * What to tell a person whose mail was refused: for each cause what it means and what can be done about it, Chinese and
 * English. Whether delivery goes on is not said here: the report around it knows.
 */

export type RefusalCause =
  | 'noSuchUser'
  | 'noSuchDomain'
  | 'acceptsNoMail'
  | 'badAddress'
  | 'badSender'
  | 'mailboxFull'
  | 'mailboxDisabled'
  | 'restricted'
  | 'senderBlocked'
  | 'serverBlocked'
  | 'unauthenticated'
  | 'relayDenied'
  | 'rateLimited'
  | 'tooManyRecipients'
  | 'tryLater'
  | 'serverTrouble'
  | 'tooLarge'
  | 'spam'
  | 'virus'
  | 'unsupported'
  | 'unreachable'
  | 'tlsFailed'
  | 'loop'
  | 'expired'
  | 'policy'
  | 'temporary'
  | 'permanent';

export interface RefusalText {
  readonly zh: string;
  readonly en: string;
}

export const REFUSAL_TEXTS: Readonly<Record<RefusalCause, RefusalText>> = {
  noSuchUser: {
    zh: '对方的邮件系统里没有这个收件人。请核对 @ 前面的部分是否写错；如果没有写错，对方可能已经离职、毕业或更换了邮箱，请用其他方式向对方询问新地址。',
    en: 'There is no such mailbox at the other side. Please check the part before the @ for a typing error; if it is right, the person may have left or changed address: ask for the new one by other means.',
  },
  noSuchDomain: {
    zh: '收件人地址中 @ 后面的域名不存在，或者没有登记邮件服务器。请核对域名的拼写（例如 gmial.com 应为 gmail.com）；如果没有写错，请联系对方确认。',
    en: 'The domain after the @ does not exist or has no mail server. Please check its spelling (gmial.com for gmail.com, say); if it is right, ask the recipient by other means.',
  },
  acceptsNoMail: {
    zh: '收件人的域名声明不接收任何邮件。请核对地址是否写错，或向对方询问正确的邮箱地址。',
    en: 'The domain of this address declares that it takes no mail at all. Please check the address, or ask the recipient for the right one.',
  },
  badAddress: {
    zh: '对方的邮件系统认为收件人地址的写法不正确。请检查地址中是否有多余的空格、引号、中文标点或其他特殊字符，改正后重新发送。',
    en: 'The other side finds the form of the address wrong. Please look for stray blanks, quotation marks, Chinese punctuation or other odd characters, and send again.',
  },
  badSender: {
    zh: '对方的邮件系统不接受您的发件人地址（例如认为它的域名不存在或写法不正确）。请检查邮件客户端里设置的发件人地址；如果设置无误，请联系网络中心。',
    en: 'The other side does not accept your sender address (it finds that its domain does not exist, or its form wrong). Please check the sender address set in your mail program; if it is right, tell the network centre.',
  },
  mailboxFull: {
    zh: '收件人的邮箱已满，暂时收不下新邮件。请用其他方式通知对方清理邮箱，之后再发送一次。',
    en: 'The mailbox of the recipient is full. Please tell the recipient by other means to make room, and send again afterwards.',
  },
  mailboxDisabled: {
    zh: '收件人的邮箱已被停用、冻结，或长期没有登录，因而不再收信。请用其他方式联系对方，询问是否有别的邮箱。',
    en: 'The mailbox of the recipient is disabled, suspended or long unused and takes no mail. Please reach the recipient by other means and ask for another address.',
  },
  restricted: {
    zh: '这个地址只接收特定发件人的邮件（例如仅限本单位人员的群组），或者收件人拒收了您的邮件。请通过其他方式联系收件人或群组的管理者，请对方允许您的地址。',
    en: 'This address takes mail from certain senders only (a group for members, say), or the recipient has blocked yours. Please ask the recipient or the owner of the group by other means to allow your address.',
  },
  senderBlocked: {
    zh: '对方的邮件系统把您的地址或我校的域名列入了拒收名单。请先确认您的帐号没有被盗用（例如修改一次密码），再把这封退信转给网络中心，由网络中心与对方联系。',
    en: 'The other side has your address or our domain on its list of blocked senders. Please make sure that nobody else uses your account (change the password), then pass this report on to the network centre, which can speak with the other side.',
  },
  serverBlocked: {
    zh: '对方的邮件系统暂时不信任我校发信服务器的 IP 地址（例如它被列入了黑名单）。这通常与您这封邮件的内容无关，您自己无法解决；请把这封退信转给网络中心处理。急件请先用其他方式联系对方。',
    en: 'The other side does not trust the IP address of our mail server at present (it may be on a blacklist). As a rule this has nothing to do with your message, and you cannot mend it: please pass this report on to the network centre. If it is urgent, reach the recipient by other means.',
  },
  unauthenticated: {
    zh: '对方的邮件系统无法确认邮件确实出自所写的发件人（SPF、DKIM 或 DMARC 检查未通过）。请只通过本校的邮件服务器、用自己的地址发信；如果这是自动转发的邮件，请让原发件人直接发给对方。仍有问题时，请把这封退信转给网络中心。',
    en: 'The other side could not make sure that the message is from the sender it names (SPF, DKIM or DMARC failed). Please send only through our servers and with your own address; if this was forwarded automatically, let its author write to the recipient directly. If it happens again, pass this report on to the network centre.',
  },
  relayDenied: {
    zh: '对方的服务器认为自己不负责这个收件人的域名，拒绝转交。多半是收件人域名的设置有误，请核对地址，并用其他方式告知对方的邮件管理员。',
    en: 'The server we were sent to says that it is not in charge of the domain of this address. Most likely that domain is set up wrongly: please check the address, and tell the other side by other means.',
  },
  rateLimited: {
    zh: '短时间内发往对方的邮件（或连接）太多，超出了对方的限制。请过几个小时再发；如果收件人很多，请分批发送或使用邮件群组。',
    en: 'Too many messages (or connections) reached the other side in a short time. Please send again some hours later; if there are many recipients, send in portions or use a mailing list.',
  },
  tooManyRecipients: {
    zh: '这封邮件的收件人数超过了对方允许的数目。请分成几批发送，或使用邮件群组。',
    en: 'The message has more recipients than the other side allows. Please send it in portions, or use a mailing list.',
  },
  tryLater: {
    zh: '对方的邮件系统要求稍后再试（对陌生发件人常用的“灰名单”做法）。这是正常现象，一般会在几十分钟内送达，不必重发。',
    en: 'The other side asks to come back later (greylisting, often done to senders it does not know yet). This is normal, and mail mostly gets through within the hour: there is no need to send again.',
  },
  serverTrouble: {
    zh: '对方的邮件系统正忙或有故障（例如磁盘已满）。这不是您的问题；急件请用其他方式联系对方。',
    en: 'The mail system at the other side is busy or out of order (its disk may be full). It is not your fault; if it is urgent, reach the recipient by other means.',
  },
  tooLarge: {
    zh: '邮件（连同附件）超过了对方允许的大小。请压缩或减少附件，或者改用文件中转、网盘链接的方式发送大文件。',
    en: 'The message with its attachments is larger than the other side allows. Please send fewer or smaller attachments, or a link to the files instead.',
  },
  spam: {
    zh: '对方的邮件系统认为这封邮件像垃圾邮件。请检查标题和正文，去掉可疑链接、大段广告式文字或短网址后重新发送；如果您没有写过这封邮件，请立即修改密码并通知网络中心。',
    en: 'The other side takes the message for spam. Please look at subject and text, leave out doubtful links, shortened addresses and what reads like an advertisement, and send again. If you did not write it, change your password at once and tell the network centre.',
  },
  virus: {
    zh: '对方的邮件系统认为邮件中含有病毒，或含有不允许的附件类型（例如 .exe、宏文档、加密压缩包）。请先查毒，再换用其他格式或网盘链接发送。',
    en: 'The other side found a virus, or a kind of attachment that it forbids (.exe, documents with macros, encrypted archives). Please scan your computer, and send the files in another form or as a link.',
  },
  unsupported: {
    zh: '对方的邮件系统不支持这封邮件的格式（例如含有中文的邮箱地址，或特殊的编码）。请改用只含英文字母的邮箱地址，或用普通的格式重新发送；仍有问题时请联系网络中心。',
    en: 'The other side does not support the form of the message (an address with characters beyond English letters, say, or an unusual encoding). Please use an address in plain letters or send in a usual format; if that does not help, ask the network centre.',
  },
  unreachable: {
    zh: '无法连接到对方的邮件服务器，或连接中断。可能是对方的服务器或网络出了故障。请核对地址的域名是否正确；急件请用其他方式联系对方。',
    en: 'The mail server at the other side could not be reached, or the connection broke. Its server or the network may be out of order. Please check the domain of the address; if it is urgent, reach the recipient by other means.',
  },
  tlsFailed: {
    zh: '无法与对方的邮件服务器建立所要求的加密连接（例如对方的证书无效），为保护内容没有发送。请用其他方式告知对方的邮件管理员，或联系网络中心。',
    en: 'No encrypted connection as required could be made with the server at the other side (its certificate may be invalid), so that the message was not handed over. Please tell the other side by other means, or ask the network centre.',
  },
  loop: {
    zh: '邮件在几台服务器之间来回转发，形成了循环，因此被终止。通常是对方（或您自己）设置的自动转发互相指向。请检查自动转发的设置，或告知收件人检查。',
    en: 'The message went round in a circle between servers and was stopped. Mostly two automatic forwardings point at each other: please check yours, or ask the recipient to check theirs.',
  },
  expired: {
    zh: '系统在规定的时间内多次尝试，仍未能把邮件交给对方。请核对地址；如果没有写错，请用其他方式联系对方，过些时候再发。',
    en: 'The message could not be handed over within the time allowed, in spite of several tries. Please check the address; if it is right, reach the recipient by other means, and send again later.',
  },
  policy: {
    zh: '对方的邮件系统按照它自己的规定拒收了这封邮件，没有说明可以确认的原因。请参看对方的原话；看不明白时，请把这封退信转给网络中心，或用其他方式联系对方。',
    en: 'The other side refused the message by a rule of its own and gave no reason that we recognise. Please see its own words; if they do not help, pass this report on to the network centre, or reach the recipient by other means.',
  },
  temporary: {
    zh: '对方的邮件系统暂时没有收下这封邮件，一般会自行恢复。急件请用其他方式联系对方。',
    en: 'The other side did not take the message for the time being; this mostly mends itself. If it is urgent, reach the recipient by other means.',
  },
  permanent: {
    zh: '对方的邮件系统拒收了这封邮件。请核对收件人地址，并参看下面对方的原话；看不明白时，请把这封退信转给网络中心。',
    en: 'The other side refused the message. Please check the address, and see its own words; if they do not help, pass this report on to the network centre.',
  },
};
