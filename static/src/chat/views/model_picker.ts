// Chooses the model of a thread: a button. The list it opens is loaded when it is first asked for.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import { openPanel } from "../panels";
import type { ModelList } from "../panels/model_list";
import type { Session } from "../session";
import { icon } from "./icon";

export class ModelPicker {
  private list: ModelList | null = null;

  constructor(
    private readonly session: Session,
    private readonly redraw: () => void,
  ) {
    document.addEventListener("pointerdown", (event) => {
      if (this.list && !(event.target as Element).closest(".model-picker")) this.close(false);
    });
  }

  template(): TemplateResult {
    const { models } = this.session.data;
    const chosen = models.find((option) => option.id === this.session.model);
    return html`<div class="menu model-picker" @keydown=${(event: KeyboardEvent) => this.list?.onKey(event)} @focusout=${this.onFocusOut}>
      <button class="button button-quiet button-small model-button" type="button" aria-haspopup="listbox"
        aria-expanded=${this.list !== null} aria-label=${t("Model: %(name)s", { name: chosen?.label ?? t("none") })} ?disabled=${models.length === 0}
        @click=${() => (this.list ? this.close(true) : this.open())}
      ><span class="truncate">${chosen?.label ?? t("No model")}</span>${icon("chevron-down")}</button>
      ${this.list?.template() ?? nothing}
    </div>`;
  }

  private open(): void {
    void openPanel(
      () => import("../panels/model_list"),
      ({ ModelList }) => {
        this.list = new ModelList(this.session, this.redraw, (model) => {
          if (model) this.session.chooseModel(model);
          this.close(true);
        });
        this.redraw();
        this.list.focus();
      },
    );
  }

  private close(refocus: boolean): void {
    this.list = null;
    this.redraw();
    if (refocus) document.querySelector<HTMLElement>(".model-picker .model-button")?.focus();
  }

  private readonly onFocusOut = ({ relatedTarget }: FocusEvent): void => {
    if (this.list && relatedTarget instanceof Element && !relatedTarget.closest(".model-picker")) this.close(false);
  };
}
