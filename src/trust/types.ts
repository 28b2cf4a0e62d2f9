/** What the checks of a received message found, as plain data for trace, spam and policy. */

export interface SpfResult {
  readonly result: 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';
  /** Which identity was checked: HELO only where the reverse path is null (RFC 7208 §2.4). */
  readonly identity: 'mailfrom' | 'helo';
  /** Of that identity; '' when it has none. */
  readonly domain: string;
  /** One sentence for a person; '' when there is nothing to say. */
  readonly comment: string;
  /** What the domain's owner wants the sender told (exp=); text from outside, ASCII. */
  readonly explanation?: string;
}

export interface DkimResult {
  readonly result: 'pass' | 'fail' | 'neutral' | 'policy' | 'temperror' | 'permerror';
  /** d=; '' when the signature could not be read. */
  readonly domain: string;
  /** s= */
  readonly selector: string;
  /** a= */
  readonly algorithm: string;
  /** The first characters of b=, which tell signatures of one domain apart (RFC 6008). */
  readonly signatureStart: string;
  readonly comment: string;
  /** The key's owner says it is being tested (t=y). */
  readonly isTesting: boolean;
}

export interface ArcSet {
  readonly instance: number;
  /** Who sealed: d= of the ARC-Seal. */
  readonly sealer: string;
  readonly selector: string;
  /** What the sealer says it found on receipt (ARC-Authentication-Results); keywords, '' when it said nothing. */
  readonly reported: { readonly spf: string; readonly dkim: string; readonly dmarc: string };
}

export interface ArcResult {
  readonly result: 'none' | 'pass' | 'fail' | 'temperror';
  /** Ascending; empty unless the chain is whole in form. Believe them only when `result` is `pass`. */
  readonly sets: readonly ArcSet[];
  readonly comment: string;
}

export type DmarcDisposition = 'none' | 'quarantine' | 'reject';

export interface DmarcResult {
  readonly result: 'none' | 'pass' | 'fail' | 'temperror' | 'permerror';
  /** The one domain of the From field; undefined when there is no such one: `permerror`. */
  readonly fromDomain: string | undefined;
  /** What the domain asks to be done with what fails, for this very domain (p, sp or np) and after t=y. */
  readonly policy: DmarcDisposition;
  /** As published, for reports; undefined without a record. */
  readonly published: DmarcRecord | undefined;
  /** The domains by which the message is aligned. */
  readonly alignedSpf: string | undefined;
  readonly alignedDkim: string | undefined;
  readonly comment: string;
}

export interface DmarcRecord {
  /** Where the record was found. */
  readonly domain: string;
  readonly p: DmarcDisposition;
  readonly sp: DmarcDisposition;
  readonly np: DmarcDisposition | undefined;
  /** Per cent of failing messages the policy is for (RFC 7489 §6.3); 100 unless said. */
  readonly pct: number;
  readonly adkim: 'r' | 's';
  readonly aspf: 'r' | 's';
  /** Where aggregate reports are wanted, as written; '' nowhere. */
  readonly rua: string;
  readonly isTesting: boolean;
}

export interface IprevResult {
  readonly result: 'pass' | 'fail' | 'temperror' | 'permerror';
  readonly address: string;
  /** The names of the address that lead back to it. */
  readonly confirmedNames: readonly string[];
}

export interface MessageAuthentication {
  readonly spf: SpfResult;
  /** One for each signature looked at; empty when the message is not signed. */
  readonly dkim: readonly DkimResult[];
  /** Signatures beyond those: there were more than are looked at. */
  readonly ignoredSignatures: number;
  readonly dmarc: DmarcResult;
  readonly arc: ArcResult;
  readonly iprev: IprevResult;
  /** One Authentication-Results field (RFC 8601), folded, with its last CRLF. */
  readonly field: string;
  /** Errors that are bugs of ours: for the log. Their checks say `temperror`. */
  readonly faults: readonly unknown[];
}
