/**
 * A button that opens a list of actions. Arrow keys, Home and End move; Escape, Tab and a press elsewhere close.
 *
 *     <div class="menu" data-menu>
 *       <button data-menu-button aria-haspopup="menu" aria-expanded="false">More</button>
 *       <div class="menu-list" data-menu-list role="menu" hidden>
 *         <button class="menu-item" role="menuitem">Rename</button>
 *       </div>
 *     </div>
 */
export function startMenus(root: Document): void {
  root.addEventListener("click", (event) => {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("[data-menu-button]");
    const open = openMenu(root);
    if (open && (!open.contains(target) || target.closest("[role^=menuitem]"))) close(open);
    if (button) toggle(button);
  });
  root.addEventListener("keydown", (event) => onKey(root, event));
  root.addEventListener("focusout", (event) => {
    const open = openMenu(root);
    const next = event.relatedTarget as Element | null;
    if (open && next && !open.contains(next)) close(open);
  });
}

function openMenu(root: Document): Element | null {
  return root.querySelector("[data-menu-button][aria-expanded=true]")?.closest("[data-menu]") ?? null;
}

function parts(menu: Element): { button: HTMLElement | null; list: HTMLElement | null } {
  return { button: menu.querySelector("[data-menu-button]"), list: menu.querySelector("[data-menu-list]") };
}

function toggle(button: HTMLElement): void {
  const menu = button.closest("[data-menu]");
  const list = menu && parts(menu).list;
  if (!list) return;
  const opens = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(opens));
  list.hidden = !opens;
  if (opens) items(list)[0]?.focus({ preventScroll: true });
}

function close(menu: Element): void {
  const { button, list } = parts(menu);
  button?.setAttribute("aria-expanded", "false");
  if (list) list.hidden = true;
}

function items(list: HTMLElement): HTMLElement[] {
  const all = [...list.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)")];
  return all.filter((item) => item.checkVisibility?.() ?? true);
}

function onKey(root: Document, event: KeyboardEvent): void {
  const menu = openMenu(root);
  const list = menu && parts(menu).list;
  if (!list) return;
  const all = items(list);
  const here = all.indexOf(root.activeElement as HTMLElement);
  const moves: Record<string, number> = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
  if (event.key === "Escape") {
    close(menu);
    parts(menu).button?.focus();
  } else if (event.key in moves) {
    event.preventDefault();
    all.at((moves[event.key] ?? 0) % all.length)?.focus();
  }
}
