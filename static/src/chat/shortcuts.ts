// Keys for the whole page. The palette opens from anywhere; single keys work only where nobody is typing, and can be
// switched off on this device (WCAG 2.1.4). None of them is one of a browser's own.
import { openPanel } from "./panels";
import type { Doings } from "./panels/commands";

const OFF = "shortcuts-off";
const TYPED = "input, textarea, select, [contenteditable], dialog, [role=menu]";

export class Shortcuts {
  constructor(private readonly doings: Doings) {
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  get areOn(): boolean {
    return this.doings.session.storage.read(OFF) === null;
  }

  set areOn(on: boolean) {
    this.doings.session.storage.write(OFF, on ? null : "1");
  }

  openPalette(): void {
    void openPanel(
      () => import("./panels/palette"),
      (panel) => panel.open(this.doings, this),
    );
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const { key, ctrlKey, metaKey } = event;
    if (key === "/" && (ctrlKey || metaKey)) {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) this.openPalette();
    } else if (!ctrlKey && !metaKey && key.length === 1 && this.areOn && !isTyping(event)) {
      void openPanel(
        () => import("./panels/commands"),
        (panel) => panel.press(key, this.doings, this),
      );
    }
  }
}

function isTyping({ target }: KeyboardEvent): boolean {
  return (
    target instanceof Element && (target.closest(TYPED) !== null || document.querySelector("dialog[open]") !== null)
  );
}
