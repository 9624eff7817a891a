/**
 * Keeps a button from being pressed too early and counts down beside it.
 *
 *     <button class="button" data-wait="57">Send a new link</button>
 *     <p data-wait-note>You can ask for another one in 57 seconds.</p>
 *
 * Without scripts the button stays usable: the server says the same.
 */
import { t } from "../i18n";
export function startWaits(root: Document): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-wait]")) {
    const until = Date.now() + 1000 * Number(button.dataset.wait);
    const note = button.parentElement?.querySelector<HTMLElement>("[data-wait-note]");
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      if (note)
        note.textContent = left > 0 ? t("You can ask for another one in %(time)s.", { time: inWords(left) }) : "";
      if (left > 0) setTimeout(tick, 1000);
    };
    tick();
  }
}

function inWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes ? `${minutes}:${String(seconds % 60).padStart(2, "0")}` : `${seconds} s`;
}
