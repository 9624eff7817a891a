// In the header: the way to the conversation's settings, and how full its context is once that says something.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import type { Gauge } from "../gauge";
import { openPanel } from "../panels";
import type { Session } from "../session";
import { icon } from "./icon";

type Panel = typeof import("../panels/thread_settings");

let panel: Panel | null = null;

export function settingsButton(session: Session, gauge: Gauge): TemplateResult {
  const open = () =>
    openPanel<Panel>(
      () => import("../panels/thread_settings"),
      (loaded) => {
        panel = loaded;
        loaded.openSettings(session);
      },
    );
  return html`${gauge.shown && gauge.value ? gauge.shown.pill(gauge.value, open) : nothing}
    <button class="button button-quiet button-icon chat-settings" aria-label=${t("Conversation settings")} aria-haspopup="dialog"
      data-tooltip=${t("Settings")} data-tooltip-below data-tooltip-end @click=${open}>${icon("settings")}</button>`;
}

/** Have an open panel follow what the page learned. */
export function followSettings(): void {
  panel?.updateSettings();
}
