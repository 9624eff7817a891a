// Footnotes of one text: numbers in the order they are first named, the notes at the end, a way there and back.
// Nothing a text says becomes part of an id: they are counted, and each text has its own numbers.
import { t } from "../../i18n";

export interface Note {
  readonly label: string;
  /** Its content as DOM, made anew for each drawing. */
  content(): DocumentFragment;
  /** Changes with the content. */
  readonly source: string;
}

let texts = 0;

export class Footnotes {
  private readonly prefix = `note-${++texts}`;
  private readonly section = document.createElement("section");
  private drawn = "";

  constructor(private readonly host: HTMLElement) {
    this.section.className = "footnotes";
    this.section.setAttribute("aria-label", t("Footnotes"));
  }

  get areShown(): boolean {
    return this.section.isConnected;
  }

  /** Number what names a note, and list the notes; `open` while notes may still come. */
  update(notes: readonly Note[], open: boolean): void {
    const marks = [...this.host.querySelectorAll<HTMLElement>("[data-footnote]")].filter(
      (mark) => !this.section.contains(mark),
    );
    const known = new Map(notes.map((note) => [note.label, note]));
    const order = new Map<string, number>();
    const named = new Map<string, number>();
    for (const mark of marks) {
      const label = mark.dataset.footnote ?? "";
      if (!known.has(label) && !open) {
        show(mark, `[^${label}]`, "");
        continue;
      }
      if (!order.has(label)) order.set(label, order.size + 1);
      const times = (named.get(label) ?? 0) + 1;
      named.set(label, times);
      this.link(mark, order.get(label) ?? 0, times);
    }
    this.list(
      [...order].flatMap(([label, number]) => ({ note: known.get(label), number, times: named.get(label) ?? 1 })),
    );
  }

  private link(mark: HTMLElement, number: number, times: number): void {
    const id = `${this.prefix}-${number}-${times}`;
    if (mark.id === id) return;
    show(mark, "", "footnote-ref");
    mark.id = id;
    const link = this.jump(String(number), `${this.prefix}-${number}`);
    link.setAttribute("role", "doc-noteref");
    link.setAttribute("aria-label", t("Footnote %(number)s", { number }));
    mark.append(link);
  }

  private list(items: readonly { note: Note | undefined; number: number; times: number }[]): void {
    const shown = items.filter((item) => item.note);
    const key = JSON.stringify(shown.map(({ note, number, times }) => [number, times, note?.source]));
    if (shown.length === 0) this.section.remove();
    else if (this.host.lastElementChild !== this.section) this.host.append(this.section);
    if (key === this.drawn) return;
    this.drawn = key;
    const list = document.createElement("ol");
    for (const { note, number, times } of shown) {
      const item = document.createElement("li");
      item.id = `${this.prefix}-${number}`;
      item.value = number;
      item.tabIndex = -1;
      if (note) item.append(note.content());
      const end = item.lastElementChild?.matches("p") ? item.lastElementChild : item;
      for (let time = 1; time <= times; time += 1) {
        const back = this.jump("↩", `${this.prefix}-${number}-${time}`);
        back.className = "footnote-back";
        back.setAttribute("role", "doc-backlink");
        back.setAttribute(
          "aria-label",
          times > 1
            ? t("Back to the text, from footnote %(number)s, place %(place)s", { number, place: time })
            : t("Back to the text, from footnote %(number)s", { number }),
        );
        end.append(back);
      }
      list.append(item);
    }
    this.section.replaceChildren(list);
  }

  /** A link within the text that leaves the page's address and history alone. */
  private jump(words: string, id: string): HTMLAnchorElement {
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.textContent = words;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const target = document.getElementById(id);
      target?.scrollIntoView({ block: "center" });
      (target?.matches("li") ? target : target?.querySelector("a"))?.focus({ preventScroll: true });
    });
    return link;
  }
}

function show(mark: HTMLElement, words: string, className: string): void {
  if (mark.textContent === words && words && !mark.id) return;
  mark.removeAttribute("id");
  mark.className = className;
  mark.replaceChildren(...(words ? [words] : []));
}
