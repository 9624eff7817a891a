/**
 * Copies a text and says so on the button for a moment.
 *
 *     <button data-copy="#snippet" aria-label="Copy"><svg class="icon"><use href="#icon-copy"/></svg></button>
 *     <pre id="snippet">make run</pre>
 */
import { t } from "../i18n";
import { showToast } from "./toasts";

const SHOWN_MS = 1600;

export function startCopyButtons(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    const source = button?.dataset.copy ? root.querySelector(button.dataset.copy) : null;
    if (button && source) void copyText(source.textContent ?? "", button);
  });
}

/** Copy a text; the button it was asked for with shows that it was done, a notice where there is none. */
export async function copyText(text: string, button?: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    showToast(t("Your browser did not allow copying. Select the text and copy it by hand."), "error");
    return;
  }
  if (!button) showToast(t("Copied."), "success");
  const icon = button?.querySelector("use");
  const before = icon?.getAttribute("href");
  if (!icon || !before || before === "#icon-check") return;
  icon.setAttribute("href", "#icon-check");
  setTimeout(() => icon.setAttribute("href", before), SHOWN_MS);
}
