/** Conversations dragged by a mouse from the list to a mailbox. */

const TYPE = 'application/x-campusmail-conversations';

export function putDragged(transfer: DataTransfer, ids: readonly string[]): void {
  transfer.setData(TYPE, JSON.stringify(ids));
  transfer.effectAllowed = 'move';
}

/** While it is in the air, a browser tells that it is ours and no more. */
export function isDragged(transfer: DataTransfer): boolean {
  return transfer.types.includes(TYPE);
}

export function takeDragged(transfer: DataTransfer): readonly string[] {
  const data = transfer.getData(TYPE);
  return data === '' ? [] : (JSON.parse(data) as readonly string[]);
}
