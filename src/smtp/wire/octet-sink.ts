/** Where a message's octets go as they are read. */
export interface OctetSink {
  /** Takes `octets[start…end)`; may keep a reference, so `octets` must not change afterwards. */
  push(octets: Buffer, start: number, end: number): void;
}
