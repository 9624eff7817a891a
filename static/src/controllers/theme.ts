/**
 * Changes the theme at once and keeps the choice: in the account when the form posts somewhere, else in this browser.
 * `theme.js` in <head> applies what was kept before the first paint.
 *
 *     <form data-theme-form method="post" action="/accounts/settings/theme/">
 *       <button name="theme" value="dark">Dark theme</button>
 *     </form>
 *     <form data-theme-form><label><input type="radio" name="theme" value="system">System</label></form>
 */
import { t } from "../i18n";
import { showToast } from "./toasts";

export function startThemes(root: Document): void {
  root.addEventListener("submit", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("[data-theme-form]");
    if (!form) return;
    event.preventDefault();
    choose(root, form, new FormData(form, event.submitter));
  });
  root.addEventListener("change", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("[data-theme-form]");
    if (form) choose(root, form, new FormData(form));
  });
  tintBrowser(root);
}

async function choose(root: Document, form: HTMLFormElement, data: FormData): Promise<void> {
  const theme = String(data.get("theme"));
  show(root, theme);
  try {
    // The admin reads the same key and has another word for the system's theme, so nothing kept means that one.
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // Storage is blocked: the choice lasts as long as the page, or as the account says.
  }
  if (form.method !== "post") return;
  const answer = await fetch(form.action, {
    method: "POST",
    body: data,
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (!answer?.ok) showToast(t("The theme changed here, but could not be saved to your account."), "error");
}

function show(root: Document, theme: string): void {
  const page = root.documentElement;
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  if (page.dataset.theme) page.dataset.theme = theme;
  page.classList.toggle("dark", dark);
  page.classList.toggle("light", !dark);
  for (const choice of root.querySelectorAll<HTMLInputElement>("[data-theme-form] input[name=theme]")) {
    choice.checked = choice.value === theme;
  }
  tintBrowser(root);
}

/** The browser's own bar takes the page's colour, which only the style sheet knows. */
function tintBrowser(root: Document): void {
  const meta = root.querySelector<HTMLMetaElement>("meta[name=theme-color]");
  if (meta) meta.content = getComputedStyle(root.documentElement).backgroundColor;
}
