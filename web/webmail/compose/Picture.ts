/** A picture in the letter's text: in the HTML `<img data-cid>`, on the screen the file itself. */
import { mergeAttributes, Node } from '@tiptap/react';

export interface PictureOptions {
  /** Where the picture of a Content-ID can be looked at. */
  readonly urlOf: (cid: string) => string | undefined;
}

export const Picture = Node.create<PictureOptions>({
  name: 'picture',
  group: 'inline',
  inline: true,
  atom: true,
  draggable: true,
  addOptions: () => ({ urlOf: () => undefined }),
  addAttributes: () => ({
    'data-cid': {
      default: null,
      parseHTML: (element: HTMLElement) =>
        element.getAttribute('data-cid') ?? element.getAttribute('src')?.slice('cid:'.length),
    },
    alt: { default: '' },
  }),
  parseHTML: () => [{ tag: 'img[data-cid]' }, { tag: 'img[src^="cid:"]' }],
  renderHTML: ({ HTMLAttributes }) => ['img', mergeAttributes(HTMLAttributes)],
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement('img');
      dom.src = this.options.urlOf(String(node.attrs['data-cid'])) ?? '';
      dom.alt = String(node.attrs['alt']);
      return { dom };
    };
  },
});
