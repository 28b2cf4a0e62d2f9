/** opencc-js has types for its converters only; its tables are reached by its `./*` export. */
declare module 'opencc-js/dict/TSCharacters' {
  /** `traditional simplified[ other]`, separated by `|`. */
  const table: string;
  export default table;
}
