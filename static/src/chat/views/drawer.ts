// The sidebar's two lives: a column that folds away on a wide screen (remembered), a drawer over the page on a phone.

import { moveToasts } from "../../controllers/toasts";

const KEY = "parley:sidebar";
const WIDE = "(width >= 48rem)";

export class Drawer {
  private readonly wide = matchMedia(WIDE);
  private readonly page = document.documentElement;
  private opener: HTMLElement | null = null;

  /** The page begins as `theme.js` has it. */
  constructor(
    private readonly shell: HTMLElement,
    private readonly aside: HTMLElement,
    private readonly main: HTMLElement,
  ) {
    this.set(this.isOpen);
    this.wide.addEventListener("change", () => this.set(this.wide.matches && remembered() !== "closed"));
    shell.addEventListener("click", (event) => {
      const target = event.target as Element;
      if (target.closest("[data-sidebar-toggle]")) this.toggle();
      else if (target.closest("[data-sidebar-close]")) this.close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isOver) this.close();
    });
    // Without this the first paint would slide the column in.
    requestAnimationFrame(() => shell.classList.add("chat-moves"));
  }

  /** On a phone a choice in the drawer closes it; on a wide screen the column stays. */
  chosen(): void {
    if (this.isOver) this.close();
  }

  private get isOpen(): boolean {
    return this.page.dataset.sidebar === "open";
  }

  private get isOver(): boolean {
    return this.isOpen && !this.wide.matches;
  }

  private toggle(): void {
    this.opener = document.activeElement as HTMLElement | null;
    this.set(!this.isOpen);
    if (this.wide.matches) remember(this.isOpen ? "open" : "closed");
    if (this.isOver) this.aside.querySelector<HTMLElement>("a, button")?.focus();
  }

  private close(): void {
    this.set(false);
    this.opener?.focus();
  }

  private set(open: boolean): void {
    this.page.dataset.sidebar = open ? "open" : "closed";
    this.aside.inert = !open;
    this.main.inert = open && !this.wide.matches;
    moveToasts();
    for (const button of this.shell.querySelectorAll("[data-sidebar-toggle]")) {
      button.setAttribute("aria-expanded", String(open));
    }
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(state: string): void {
  try {
    localStorage.setItem(KEY, state);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
}
