import "../styles/share.css";
import { LazyMarkdown, loadMarkdown } from "../chat/markdown/lazy";
import { ready } from "../i18n";

void loadMarkdown().catch(() => undefined); // beside the words of the page's language
void ready.then(() => {
  for (const element of document.querySelectorAll<HTMLElement>("[data-markdown]")) {
    new LazyMarkdown(element).update(element.textContent ?? "", false);
  }
});
