import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteOfHost } from './site-view.ts';

test('who signs in where is told by the host', () => {
  const students = siteOfHost('mail.stu.example.edu.cn');
  assert.equal(students.realm, 'student');
  assert.equal(students.domain, 'stu.example.edu.cn');
  assert.equal(students.servers.imap, 'imap.stu.example.edu.cn');
  const staff = siteOfHost('mail.example.edu.cn');
  assert.equal(staff.realm, 'staff');
  assert.equal(staff.domain, 'example.edu.cn');
  assert.equal(siteOfHost('localhost').realm, undefined);
  assert.equal(siteOfHost('mail.test').domain, 'mail.test');
});
