/** Every limit of this folder, with its unit and reason. Past a limit mail is read less deeply; it is never refused here. */
export const LIMITS = {
  /** Entities inside each other (multipart and message/rfc822 levels). Real mail stays below 20. */
  nestingDepth: 100,
  /** Body parts of one message, all levels. Digests of mailing lists reach a few hundred. */
  parts: 1000,
  /** Octets of one header section whose fields are read. A mail to 5,000 people has about 200 kB. */
  headerBytes: 1024 * 1024,
  /** Fields of one header section that are read. */
  headerFields: 2000,
  /** Octets of a field name; RFC 5322 §2.1.1 allows a line of 998. */
  fieldNameBytes: 256,
  /** Octets of one field value that are read. */
  fieldBytes: 256 * 1024,
  /** Octets of address fields read for the ENVELOPEs of enclosed messages, all together. */
  enclosedEnvelopeBytes: 512 * 1024,
  /** Characters of a boundary. RFC 2046 §5.1.1 says 70; some writers exceed it. */
  boundaryChars: 256,
  /** Octets of one Content-Type or Content-Disposition that are read: a thousand parts have one each. */
  parameterFieldBytes: 16 * 1024,
  /** Parameters of one Content-Type or Content-Disposition, RFC 2231 segments included. */
  parameters: 256,
  /** Characters of one decoded parameter value. */
  parameterChars: 4096,
  /** Characters of Content-ID, Content-Description, Content-Location, Content-MD5. */
  contentFieldChars: 2048,
  /** Octets of a file name in UTF-8: most file systems allow 255. */
  fileNameBytes: 200,
  /** Addresses of one field. */
  addresses: 5000,
  /** Characters of one display name. */
  displayNameChars: 1024,
  /** Characters of one address; RFC 5321 §4.5.3.1 allows 320. */
  addressChars: 1024,
  /** Characters of a decoded subject. */
  subjectChars: 4096,
  /** Message ids kept of one field. */
  messageIds: 200,
  /** Characters of one message id. */
  messageIdChars: 998,
  /** Characters of the preview (RFC 8621 §4.1.4). */
  previewChars: 256,
  /** Octets of an encoded body read for the preview: plain text. */
  previewTextBytes: 4 * 1024,
  /** Octets of an encoded body read for the preview: HTML, whose style sheets come first. */
  previewHtmlBytes: 64 * 1024,
  /** Characters of a charset label. */
  charsetLabelChars: 64,
  /** Octets of one text that are read as UTF-7: slow, and hardly written any more. */
  utf7Bytes: 256 * 1024,
  /** Octets that charset detection looks at. */
  detectionBytes: 8 * 1024,
  /** Decoded octets of one text part that extractText reads. */
  extractPartBytes: 4 * 1024 * 1024,
  /** Decoded octets of all text parts that extractText reads. */
  extractTotalBytes: 16 * 1024 * 1024,
} as const;
