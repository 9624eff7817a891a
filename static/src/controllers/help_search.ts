/**
 * Searches the page: parts that hold every word typed stay, the others step aside.
 *
 *     <div data-help>
 *       <form data-help-search hidden><input type="search"><p data-help-found></p></form>
 *       <section data-help-chapter><h2>Chapter</h2><div data-help-part>Text</div></section>
 *     </div>
 */
import { t, tn } from "../i18n";

export function startHelpSearch(root: Document): void {
  const form = root.querySelector<HTMLFormElement>("[data-help-search]");
  const field = form?.querySelector("input");
  if (!form || !field) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => search(root, field.value));
}

function search(root: Document, text: string): void {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const chapter of root.querySelectorAll<HTMLElement>("[data-help-chapter]")) {
    const title = chapter.querySelector("h2")?.textContent ?? "";
    let shown = 0;
    for (const part of chapter.querySelectorAll<HTMLElement>("[data-help-part]")) {
      const content = `${title} ${part.textContent}`.toLowerCase();
      part.hidden = !words.every((word) => content.includes(word));
      if (!part.hidden) shown += 1;
    }
    chapter.hidden = shown === 0;
    found += shown;
  }
  const status = root.querySelector("[data-help-found]");
  if (status) status.textContent = words.length ? told(found) : "";
}

function told(found: number): string {
  if (found === 0) return t("Nothing on this page holds these words. Try fewer, or others.");
  return tn("%(n)s place found.", "%(n)s places found.", found);
}
