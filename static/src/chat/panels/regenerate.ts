// The models a reply can be written anew by: a menu under the button that asked for it.

import { html, render } from "lit-html";
import { t } from "../../i18n";
import type { ModelOption } from "../page_data";
import { icon } from "../views/icon";
import { placeMenu } from "../views/place";

/** Let a model be chosen. `written` is the one that wrote the reply. */
export function open(
  button: HTMLElement,
  models: readonly ModelOption[],
  written: string,
  choose: (model: string) => void,
): void {
  const menu = document.createElement("div");
  menu.className = "menu-list page-menu regenerate-menu";
  menu.popover = "auto";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", t("Regenerate with"));
  const pick = (model: string) => {
    menu.hidePopover();
    choose(model);
  };
  const item = ({ id, label }: ModelOption) =>
    html`<button class="menu-item" role="menuitem" title=${id} data-model=${id} @click=${() => pick(id)}
      ><span class="truncate">${label}</span>${id === written ? html`<span class="menu-note">${t("wrote this")}</span>${icon("check")}` : ""}</button>`;
  const providers = [...new Set(models.map((model) => model.provider))];
  render(
    html`${providers.map(
      (provider) => html`<div role="group" aria-label=${provider}>
        <p class="menu-head" aria-hidden="true">${provider}</p>
        ${models.filter((model) => model.provider === provider).map(item)}
      </div>`,
    )}`,
    menu,
  );
  menu.addEventListener("keydown", (event) => onKey(menu, event));
  menu.addEventListener("toggle", (event) => {
    if ((event as ToggleEvent).newState !== "closed") return;
    const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body;
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    if (hadFocus) button.focus({ preventScroll: true });
  });
  document.getElementById("main")?.append(menu);
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  placeMenu(menu, button.getBoundingClientRect(), "start");
  const items = itemsOf(menu);
  (items.find((one) => one.dataset.model === written) ?? items[0])?.focus({ preventScroll: true });
}

function onKey(menu: HTMLElement, event: KeyboardEvent): void {
  const items = itemsOf(menu);
  const here = items.indexOf(document.activeElement as HTMLElement);
  const moves: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
  const to = moves[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length)?.focus();
  } else if (event.key.length === 1 && event.key !== " ") {
    const starts = (one: HTMLElement) => one.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase());
    [...items.slice(here + 1), ...items].find(starts)?.focus();
  }
}

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role=menuitem]")];
}
