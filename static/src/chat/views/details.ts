// The place of a reply's details. What fills it is loaded when somebody first asks for any.
import { noChange } from "lit-html";
import { Directive, directive, type ElementPart } from "lit-html/directive.js";
import type { Message } from "../../shared/protocol";
import type { ModelOption } from "../page_data";
import { openPanel } from "../panels";

class DetailsDirective extends Directive {
  private drawn: Message | undefined;

  render(_message: Message, _models: readonly ModelOption[]): symbol {
    return noChange;
  }

  override update(part: ElementPart, [message, models]: [Message, readonly ModelOption[]]): symbol {
    if (this.drawn === message) return noChange;
    this.drawn = message;
    void openPanel(
      () => import("../panels/details"),
      (panel) => panel.showDetails(part.element as HTMLElement, message, models),
    );
    return noChange;
  }
}

export const details = directive(DetailsDirective);
