// The list of keys, under `?`.

import { html } from "lit-html";
import { t } from "../../i18n";
import type { Shortcuts } from "../shortcuts";
import { keys } from "./commands";
import { Dialog } from "./dialog";

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

export function open(shortcuts: Shortcuts): void {
  const dialog = new Dialog(t("Keyboard shortcuts"), "shortcuts");
  const draw = (): void =>
    dialog.draw(html`
      <h3>${t("Anywhere")}</h3>
      ${rows([[`${isApple ? "⌘" : t("Ctrl")} + /`, t("Commands, conversations and models")]])}
      <h3>${t("Where you write")}</h3>
      ${rows([
        [t("Enter"), t("Send")],
        [t("Shift + Enter"), t("A new line")],
      ])}
      <h3>${t("Where you do not write")}</h3>
      ${rows(keys())}
      <h3>${t("In the list of conversations")}</h3>
      ${rows([
        [t("Shift + ↓"), t("Select from here on")],
        [t("Shift + Space"), t("Select up to here")],
        [t("Esc"), t("Stop selecting")],
      ])}
      <label class="checkbox shortcuts-switch"><input type="checkbox" .checked=${shortcuts.areOn}
        @change=${(event: Event) => {
          shortcuts.areOn = (event.currentTarget as HTMLInputElement).checked;
        }} /><span>${t("Single keys work on this device")}</span></label>
    `);
  draw();
}

function rows(keys: readonly (readonly [string, string])[]) {
  return html`<dl>${keys.map(([key, does]) => html`<div><dt>${key.split(" + ").map((part) => html`<kbd>${part}</kbd>`)}</dt><dd>${does}</dd></div>`)}</dl>`;
}
