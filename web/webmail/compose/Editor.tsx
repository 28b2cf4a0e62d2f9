import { EditorContent, useEditor, useEditorState } from '@tiptap/react';
import { StarterKit } from '@tiptap/starter-kit';
import { useTexts, type LabelKey } from '#web/locales/texts.ts';
import { classes } from '#web/ui/classes.ts';
import { Icon } from '#web/ui/Icon.tsx';
import type { IconName } from '#web/ui/icons.ts';
import { Tooltip } from '#web/ui/Tooltip.tsx';
import type { Desk } from '#web/webmail/desk.ts';
import { Picture } from './Picture.ts';

export interface EditorProps {
  readonly html: string;
  readonly onChange: (html: string) => void;
  readonly isFocused: boolean;
  /** Takes what is pasted; absent where nothing can be attached. */
  readonly files?: { readonly desk: Desk; readonly letter: string };
}

type EditorInstance = NonNullable<ReturnType<typeof useEditor>>;

interface Mark {
  readonly name: string;
  /** A letter, or a picture. */
  readonly sign: 'B' | 'I' | 'U' | 'S' | IconName;
  readonly label: LabelKey;
  readonly toggle: (editor: EditorInstance) => void;
}

const MARKS: readonly Mark[] = [
  { name: 'bold', sign: 'B', label: 'editor.bold', toggle: (editor) => editor.chain().focus().toggleBold().run() },
  {
    name: 'italic',
    sign: 'I',
    label: 'editor.italic',
    toggle: (editor) => editor.chain().focus().toggleItalic().run(),
  },
  {
    name: 'underline',
    sign: 'U',
    label: 'editor.underline',
    toggle: (editor) => editor.chain().focus().toggleUnderline().run(),
  },
  {
    name: 'strike',
    sign: 'S',
    label: 'editor.strike',
    toggle: (editor) => editor.chain().focus().toggleStrike().run(),
  },
  {
    name: 'bulletList',
    sign: 'bullets',
    label: 'editor.bullets',
    toggle: (editor) => editor.chain().focus().toggleBulletList().run(),
  },
  {
    name: 'orderedList',
    sign: 'numbers',
    label: 'editor.numbers',
    toggle: (editor) => editor.chain().focus().toggleOrderedList().run(),
  },
  {
    name: 'blockquote',
    sign: 'quote',
    label: 'editor.quote',
    toggle: (editor) => editor.chain().focus().toggleBlockquote().run(),
  },
];

type Sign = Mark['sign'];

function isLetter(sign: Sign): sign is 'B' | 'I' | 'U' | 'S' {
  return sign.length === 1;
}

/** The letter's text. Loaded when somebody writes: it is larger than all the rest. */
export function Editor({ html, onChange, isFocused, files }: EditorProps) {
  const { t } = useTexts();
  const editor = useEditor({
    extensions: [
      StarterKit.configure({ link: { openOnClick: false, protocols: ['mailto', 'tel'] } }),
      Picture.configure({ urlOf: (cid) => files?.desk.pictureUrl(files.letter, cid) }),
    ],
    content: html,
    autofocus: isFocused ? 'start' : false,
    // Its style sheet would be inline; ours is in compose.css.
    injectCSS: false,
    editorProps: {
      attributes: { 'aria-label': t('editor.text'), class: 'editor__text', role: 'textbox', 'aria-multiline': 'true' },
      // The editor would break the line as well; the window sends the letter.
      handleKeyDown: (_, event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey),
      handlePaste(view, event) {
        const pasted = [...(event.clipboardData?.files ?? [])];
        // Out of a spreadsheet come text and a picture of it: the text is meant.
        if (files === undefined || pasted.length === 0 || event.clipboardData?.types.includes('text/html') === true)
          return false;
        const pictures = pasted.filter(({ type }) => type.startsWith('image/'));
        const others = pasted.filter((file) => !pictures.includes(file));
        const added = files.desk.attach(files.letter, pictures, { isInline: true });
        if (others.length > 0) files.desk.attach(files.letter, others, { isInline: false });
        const picture = view.state.schema.nodes['picture'];
        for (const { cid, name } of added) {
          const node = picture?.create({ 'data-cid': cid, alt: name });
          if (node) view.dispatch(view.state.tr.replaceSelectionWith(node));
        }
        return true;
      },
    },
    onUpdate: ({ editor }) => onChange(editor.getHTML()),
  });
  const active = useEditorState({
    editor,
    selector: ({ editor }) => MARKS.filter(({ name }) => editor?.isActive(name)).map(({ name }) => name),
  });
  return (
    <>
      <EditorContent editor={editor} className="compose__body scroll" />
      <div className="editor__marks" role="toolbar" aria-label={t('editor.marks')}>
        {MARKS.map(({ name, sign, label, toggle }) => (
          <Tooltip key={name} text={t(label)}>
            <button
              type="button"
              className={classes('editor__mark', `editor__mark--${name}`)}
              aria-label={t(label)}
              aria-pressed={active?.includes(name) ?? false}
              onClick={() => editor && toggle(editor)}
            >
              {isLetter(sign) ? sign : <Icon name={sign} size="small" />}
            </button>
          </Tooltip>
        ))}
      </div>
    </>
  );
}
