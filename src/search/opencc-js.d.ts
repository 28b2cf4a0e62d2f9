/** opencc-js has types for its converters only; its tables are reached by its `./*` export. */
declare module 'opencc-js/dict/TSCharacters' {
  /** `traditional simplified[ other]`, separated by `|`. */
  const table: string;
  export default table;
}

declare module 'opencc-js/dict/STPhrases' {
  /** Words with simplified characters, each with its traditional form behind a blank, separated by `|`. */
  const pairs: string;
  export default pairs;
}
