import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteOfHost } from './site-of-host.ts';

test('who signs in where is told by the host', () => {
  const students = siteOfHost('mail.stu.example.edu.cn');
  assert.deepEqual([students.realm, students.domain], ['student', 'stu.example.edu.cn']);
  const staff = siteOfHost('mail.example.edu.cn');
  assert.deepEqual([staff.realm, staff.domain], ['staff', 'example.edu.cn']);
  assert.equal(siteOfHost('localhost').realm, null);
  assert.equal(siteOfHost('mail.test').domain, 'mail.test');
});
