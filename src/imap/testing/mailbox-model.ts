/**
 * What a client knows of the mailbox it selected, kept from untagged responses alone. Throws when the server says
 * something that contradicts what it said before.
 */
import assert from 'node:assert/strict';

export interface KnownMessage {
  uid: number | undefined;
  flags: string | undefined;
}

export class MailboxModel {
  messages: KnownMessage[] = [];
  /** How many are \Recent. */
  recent = 0;

  /** Takes one untagged response; `mayExpunge` as RFC 9051 §7.5.1 allows for the command under way. */
  take(response: string, mayExpunge: boolean): void {
    const match = /^\* (\d+) (EXISTS|RECENT|EXPUNGE|FETCH)(?: \((.*)\))?$/s.exec(response);
    if (match === null) return;
    const number = Number(match[1]);
    if (match[2] === 'EXISTS') {
      assert.ok(number >= this.messages.length, `EXISTS went down without EXPUNGE: ${response}`);
      while (this.messages.length < number) this.messages.push({ uid: undefined, flags: undefined });
    } else if (match[2] === 'RECENT') {
      assert.ok(number <= this.messages.length, `${response} of ${this.messages.length}`);
      this.recent = number;
    } else if (match[2] === 'EXPUNGE') {
      assert.ok(mayExpunge, `${response} while sequence numbers are in use`);
      assert.ok(number >= 1 && number <= this.messages.length, `${response} of ${this.messages.length}`);
      this.messages.splice(number - 1, 1);
    } else {
      this.#fetched(number, match[3] ?? '', response);
    }
  }

  #fetched(number: number, items: string, response: string): void {
    const message = this.messages[number - 1];
    assert.ok(message !== undefined, `${response} of ${this.messages.length}`);
    const uid = /\bUID (\d+)/.exec(items)?.[1];
    if (uid !== undefined) {
      assert.ok(
        message.uid === undefined || message.uid === Number(uid),
        `${response}: number ${number} is uid ${message.uid}`,
      );
      message.uid = Number(uid);
    }
    const flags = /FLAGS \(([^)]*)\)/.exec(items)?.[1];
    if (flags !== undefined) message.flags = flags;
    this.#assertAscending();
  }

  #assertAscending(): void {
    let last = 0;
    for (const { uid } of this.messages) {
      if (uid === undefined) continue;
      assert.ok(uid > last, `uids are not ascending: ${this.messages.map((message) => message.uid).join(' ')}`);
      last = uid;
    }
  }
}
