import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import { openPanel } from "../panels";
import type { Session } from "../session";
import { icon } from "./icon";

/** The way to links, files and paper. What is temporary stays where it is. */
export function shareButton(session: Session): TemplateResult | typeof nothing {
  const { thread } = session;
  if (thread.fresh || thread.temporary || thread.gone || session.loading !== "ready") return nothing;
  const open = () =>
    openPanel(
      () => import("../panels/share"),
      (panel) => panel.open(session),
    );
  return html`<button class="button button-quiet button-icon chat-share" aria-label=${t("Share and export")} aria-haspopup="dialog"
    data-tooltip=${t("Share and export")} data-tooltip-below data-tooltip-end @click=${open}>${icon("share")}</button>`;
}
