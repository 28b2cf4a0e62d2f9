/** Prints one element of the page: while it does, what stands beside it and beside its ancestors is left out (reading.css). */
export function printElement(element: HTMLElement): void {
  const path: Element[] = [];
  const beside: Element[] = [];
  for (let at: Element = element; at !== document.body && at.parentElement; at = at.parentElement) {
    path.push(at.parentElement);
    beside.push(...Array.from(at.parentElement.children).filter((sibling) => sibling !== at));
  }
  for (const one of path) one.toggleAttribute('data-print-path', true);
  for (const one of beside) one.toggleAttribute('data-unprinted', true);
  try {
    window.print();
  } finally {
    for (const one of path) one.removeAttribute('data-print-path');
    for (const one of beside) one.removeAttribute('data-unprinted');
  }
}
