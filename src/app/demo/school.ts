/**
 * The settings of the demonstration campus, as a school would write them; docs/operations/school.md explains them line by line.
 * Names are under .example (RFC 2606); those under .localhost are for browsers, which find them on this machine.
 */
import { readConfig, type Config } from '#app/config.ts';

export const DEMO_SETTINGS = `[site]
name = "云岭理工大学"
english_name = "Yunling University of Technology"
pinyin = "yunling ligong daxue"
phones = ["0871-6500 0100", "0871-6500 0200"]

[auth]
default_domain = "ylut.example"

# 教工：工号@ylut.example，在 mail.ylut.example 登录；老系统用户（含学生）也在这里。
[[realm]]
name = "staff"
title = "教师邮件系统"
english_title = "Staff mail"
domain = "ylut.example"
more_domains = ["ylit.example"]
class = "staff"
web = "mail.ylut.example"
imap = "imap.ylut.example"
pop3 = "pop.ylut.example"
smtp = "smtp.ylut.example"
more_hosts = ["mail.ylut.localhost"]

# 学生：学号@stu.ylut.example，激活后在 mail.stu.ylut.example 登录。
[[realm]]
name = "student"
title = "学生邮件系统"
english_title = "Student mail"
domain = "stu.ylut.example"
class = "student"
web = "mail.stu.ylut.example"
imap = "imap.stu.ylut.example"
pop3 = "pop.stu.ylut.example"
smtp = "smtp.stu.ylut.example"
more_hosts = ["mail.stu.ylut.localhost"]
activation = true

# 老邮件系统：只供查询、导出到 2027 年 9 月 1 日，在 oldmail.ylut.example 用原用户名和密码登录。
[[realm]]
name = "oldmail"
title = "老邮件系统"
english_title = "Old mail"
domain = "oldmail.ylut.example"
web = "oldmail.ylut.example"
more_hosts = ["oldmail.ylut.localhost"]
archive = "open"
retires = "2027-09-01"
successor = "staff"

# 长期无人使用的账号：150 天提醒，365 天冻结，再收信 30 天；本人验证身份即恢复，邮件不删。
[roster]
idle = [
  "staff warned=150 frozen=365 dormant=395",
  "student warned=150 frozen=365 dormant=395",
  "alumni warned=180 dormant=365",
]
idle_sms = true
# 部门邮箱：负责人离校后 30 天内须更换，否则不能打开；每年 12 月请负责人核查。
box_vacant_days = 30
box_review = true

# 用授权（OAuth 2）代替密码登录的程序：到网页上点“同意”，程序得不到密码。
[[oauth_client]]
id = "thunderbird"
name = "Thunderbird"
redirects = ["http://localhost", "http://127.0.0.1"]

# 老域名：2027 年 8 月 2 日起不能发信，9 月 1 日过后停用；登录名不受影响。
[[domain_sunset]]
domain = "ylit.example"
successor = "ylut.example"
announced = 2026-09-01
send_blocked = 2027-08-02
refused = 2027-09-01
`;

let school: Config | undefined;

export function demoSchool(): Config {
  return (school ??= readConfig(DEMO_SETTINGS, 'the demonstration campus', {}));
}
