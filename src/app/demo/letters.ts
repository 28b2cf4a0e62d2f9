/** The mail of the demonstration campus: what a university's day brings, in Chinese and English, invented. */
import { crc32, deflateSync } from 'node:zlib';
import type { Attachment } from '#mime/compose.ts';

export interface DemoLetter {
  /** Unique within the demonstration; `replyTo` names another's. */
  readonly key: string;
  readonly from: string;
  /** Aliases or numbers; `staff`, `students`, `all` stand for everybody of that kind. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
  /** Hours before the demonstration was made. */
  readonly hoursAgo: number;
  readonly replyTo?: string;
  readonly keywords?: readonly string[];
}

/** One line of text on a page: enough for a viewer, small enough for a demonstration. */
function makePdf(title: string): Buffer {
  const content = `BT /F1 20 Tf 72 720 Td (${title}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let pdf = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = pdf.length;
    pdf += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const xref = pdf.length;
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) pdf += `${String(offset).padStart(10, '0')} 00000 n \n`;
  pdf += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(pdf, 'latin1');
}

/** A gradient, as a picture that is one. */
function makePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      rows.set([40 + Math.round((150 * x) / width), 90 + Math.round((120 * y) / height), 160], at);
    }
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const CALENDAR: Attachment = {
  fileName: '2026—2027学年校历（第二稿）.pdf',
  type: 'application/pdf',
  content: makePdf('Academic calendar 2026-2027'),
};

const ROOM_PLAN: Attachment = {
  fileName: '新图书馆三楼平面图.png',
  type: 'image/png',
  content: makePng(160, 100),
};

const GRADES: Attachment = {
  fileName: '期中成绩汇总_信自2301班.csv',
  type: 'text/csv',
  content: Buffer.from(
    '\ufeff学号,姓名,成绩\r\n202310401101,张三,91\r\n202310401102,李思远,87\r\n202310401103,王雨桐,95\r\n',
  ),
};

export const DEMO_LETTERS: readonly DemoLetter[] = [
  {
    key: 'welcome',
    from: 'zeng.guodong',
    to: ['all'],
    subject: '关于启用新版电子邮件系统的通知',
    text:
      '各部门、各学院、全体师生：\n\n为提供更优质的电子邮件服务，助力师生教学科研，学校升级更换了新版邮件系统。' +
      '新版邮件系统具备大容量、传递邮件更有效、反垃圾邮件能力强、安全可靠等特点。\n\n' +
      '教工邮箱账号格式为：工号@ylut.example；学生邮箱账号格式为：学号@stu.ylut.example。\n' +
      '使用过程如有问题，请致电 65000001 或 65000002，我们将竭诚为您服务。\n\n信息化建设管理中心\n',
    html:
      '<p>各部门、各学院、全体师生：</p><p>为提供更优质的电子邮件服务，助力师生教学科研，学校升级更换了<b>新版邮件系统</b>。</p>' +
      '<ul><li>教工：<code>工号@ylut.example</code></li><li>学生：<code>学号@stu.ylut.example</code></li></ul>' +
      '<p>使用过程如有问题，请致电 65000001 或 65000002。</p><p>信息化建设管理中心</p>',
    hoursAgo: 24 * 9,
  },
  {
    key: 'calendar',
    from: 'shan.lihua',
    to: ['all'],
    subject: '2026—2027学年校历（第二稿）征求意见',
    text: '各位老师、同学：\n\n附件为校历第二稿，请于本周五 17:00 前将意见回复至本邮箱。\n\n教务处 单丽华\n',
    attachments: [CALENDAR],
    hoursAgo: 24 * 6,
    keywords: ['$flagged'],
  },
  {
    key: 'calendar-reply',
    from: 'yuchi.mingyuan',
    to: ['shan.lihua'],
    subject: '回复：2026—2027学年校历（第二稿）征求意见',
    text: '单老师好，\n\n第十周与材料学院的实验周冲突，能否后移一周？\n\n尉迟明远\n',
    replyTo: 'calendar',
    hoursAgo: 24 * 5 + 3,
  },
  {
    key: 'calendar-answer',
    from: 'shan.lihua',
    to: ['yuchi.mingyuan'],
    subject: 'Re: 回复：2026—2027学年校历（第二稿）征求意见',
    text: '尉迟老师，已调整，第三稿明天发出。谢谢提醒！\n\n单丽华\n',
    replyTo: 'calendar-reply',
    hoursAgo: 24 * 5,
  },
  {
    key: 'grades',
    from: 'lv.wenbo',
    to: ['zhang.san', 'siyuan', 'yutong', '202310401104'],
    subject: '数据结构期中成绩',
    text: '各位同学，期中成绩见附件，有疑问请在周三答疑时间到信自楼 305 找我。\n\n吕文博\n',
    attachments: [GRADES],
    hoursAgo: 52,
  },
  {
    key: 'grades-question',
    from: 'zhang.san',
    to: ['lv.wenbo'],
    subject: '回复：数据结构期中成绩',
    text: '吕老师您好，第三大题第 2 小问的得分想和您确认一下，周三下午三点可以吗？\n\n张三 202310401101\n',
    replyTo: 'grades',
    hoursAgo: 49,
  },
  {
    key: 'library',
    from: 'ouyang.hui',
    to: ['all'],
    subject: '新图书馆三楼自习区开放预约',
    text: '三楼自习区自 11 月 23 日起开放预约，平面图见附件。座位保留 30 分钟。\n\n图书馆 欧阳慧\n',
    attachments: [ROOM_PLAN],
    hoursAgo: 30,
  },
  {
    key: 'seminar',
    from: 'thomas.mueller',
    to: ['staff'],
    subject: 'Seminar on Friday: fatigue of welded joints',
    text:
      'Dear colleagues,\n\non Friday at 14:00 in room 412 Prof. Yuchi and I will present first results of the fatigue tests.\n' +
      'Coffee will be served. Students are welcome.\n\nBest regards\nThomas Müller\n',
    hoursAgo: 27,
  },
  {
    key: 'exchange',
    from: 'xie.zhenyu',
    to: ['students'],
    subject: '2027年春季学期国（境）外交流项目报名通知 / Exchange programmes, spring 2027',
    text:
      '报名截止 12 月 10 日。请登录国际处网站提交材料。\n\nApplications close on 10 December. ' +
      'International students may apply for the summer school only.\n\n国际合作与交流处\n',
    hoursAgo: 22,
  },
  {
    key: 'studio',
    from: 'maria.goncalves',
    to: ['zheng.xinyi', '202410704402', 'siqi'],
    subject: 'Studio review moved to Thursday',
    text: 'Hi all,\n\nthe review is on Thursday, 9:30. Please bring your models (1:200) and one A1 sheet.\n\nMaria\n',
    hoursAgo: 20,
  },
  {
    key: 'dormitory',
    from: '20170118',
    to: ['students'],
    subject: '学生宿舍 11 月 28 日停水通知',
    text: '因管网检修，11 月 28 日 8:00—14:00 呈贡校区学生宿舍停水，请提前储水。\n\n后勤管理处\n',
    hoursAgo: 8,
  },
  {
    key: 'hello',
    from: 'gulnezer',
    to: ['aynur'],
    subject: '维吾尔语朗诵比赛报名 · يازما',
    text: '老师好，我想报名朗诵比赛，节目是《故乡》。附上维吾尔语题目：يۇرتۇم\n\n古丽娜扎尔·阿不都热西提\n',
    hoursAgo: 5,
  },
];
