/**
 * Short notices at the foot of the page, or in the last `data-toasts` that is not inert where a page has places of its own. Errors stay until dismissed; others leave after a while, unless pointed at.
 *
 *     <div class="toasts" data-toasts role="status">
 *       <div class="toast" data-toast="success">Saved<button data-toast-close>…</button></div>
 *     </div>
 */
import { t } from "../i18n";
export type ToastTone = "info" | "success" | "warning" | "error";

const SHOWN_MS = 6000;
const TONES: Record<ToastTone, string> = {
  info: "",
  success: "tone-success",
  warning: "tone-warning",
  error: "tone-danger",
};
const ICONS: Record<ToastTone, string> = { info: "details", success: "check", warning: "warning", error: "alert" };

export function startToasts(root: Document): void {
  root.addEventListener("click", (event) => {
    (event.target as Element).closest("[data-toast-close]")?.closest("[data-toast]")?.remove();
  });
  for (const toast of root.querySelectorAll<HTMLElement>("[data-toasts] [data-toast]")) leaveLater(toast);
}

/** Something the person may do about what a notice says, as long as it is shown. */
export interface ToastAction {
  label: string;
  run(): void;
}

export function showToast(text: string, tone: ToastTone = "info", action?: ToastAction): void {
  const toast = document.createElement("div");
  toast.className = `toast ${TONES[tone]}`;
  toast.dataset.toast = tone;
  toast.innerHTML =
    `<svg class="icon" aria-hidden="true"><use href="#icon-${ICONS[tone]}"/></svg><span class="min-w-0 flex-1"></span>` +
    '<button type="button" class="button button-quiet button-small button-icon" data-toast-close>' +
    '<svg class="icon" aria-hidden="true"><use href="#icon-close"/></svg></button>';
  const words = toast.querySelector("span");
  if (words) words.textContent = text;
  toast.querySelector("[data-toast-close]")?.setAttribute("aria-label", t("Dismiss"));
  if (action) words?.after(button(action, toast));
  place()?.append(toast);
  leaveLater(toast);
}

/** Bring what is shown to where it can be seen and pressed, when a part of the page has become inert or goes. */
export function moveToasts(from: ParentNode = document): void {
  const to = place();
  for (const toast of from.querySelectorAll("[data-toasts] [data-toast]")) {
    if (toast.parentElement !== to) to?.append(toast);
  }
}

function place(): Element | undefined {
  return [...document.querySelectorAll("[data-toasts]")].findLast((one) => !one.closest("[inert]"));
}

function button({ label, run }: ToastAction, toast: HTMLElement): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-quiet button-small";
  made.textContent = label;
  made.addEventListener("click", () => {
    toast.remove();
    run();
  });
  return made;
}

function leaveLater(toast: HTMLElement): void {
  if (toast.dataset.toast === "error") return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? leaveLater(toast) : toast.remove()), SHOWN_MS);
}
