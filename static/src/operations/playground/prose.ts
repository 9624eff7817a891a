// An answer's text as the chat draws it: the same scripts, loaded with the first answer, and the same rules of what may
// become part of the page.
import { LazyMarkdown } from "../../chat/markdown/lazy";

interface Set {
  view: LazyMarkdown;
  text: string;
  isOpen: boolean;
}

const known = new WeakMap<object, Record<string, Set>>();

/** The element that shows `text` of `owner`; drawn again only where it changed. `name` tells texts of one owner apart. */
export function prose(owner: object, name: string, text: string, isOpen: boolean): HTMLElement {
  const texts = known.get(owner) ?? {};
  known.set(owner, texts);
  texts[name] ??= {
    view: new LazyMarkdown(Object.assign(document.createElement("div"), { className: "prose-reply prose-small" })),
    text: "",
    isOpen: false,
  };
  const set = texts[name];
  if (set.text !== text || set.isOpen !== isOpen) set.view.update(text, isOpen);
  Object.assign(set, { text, isOpen });
  return set.view.element;
}
