/** Where on earth an address is, as far as a table of 2023 knows: the prefecture-level city here, the country elsewhere. */

/** `中国 云南省 昆明`, `美国`; empty: nobody knows, or it is in no country (our own networks). */
export type PlaceFinder = (remoteAddress: string) => Promise<string>;

interface Table {
  search(address: string): { readonly country: string; readonly province: string; readonly city: string } | null;
}

/** The table is read when it is asked for first: a third of a second, 30 MB. */
export function createPlaceFinder(): PlaceFinder {
  let table: Promise<Table> | undefined;
  return async (remoteAddress) => {
    table ??= import('ip2region').then((module) => {
      // A CommonJS module of another age: its default is the namespace's.
      const { default: inner } = module as unknown as { readonly default: { readonly default: new () => Table } };
      return new inner.default();
    });
    const found = (await table).search(remoteAddress);
    if (found === null || found.country === '') return '';
    const parts = found.country === '中国' ? [found.country, found.province, found.city] : [found.country];
    return parts
      .filter((part) => part !== '')
      .map((part) => part.replace(/(?<=..)市$/, ''))
      .join(' ');
  };
}
