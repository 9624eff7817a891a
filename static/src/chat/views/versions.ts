// The arrows between the versions of a message, and the turn to another one with the reader's place and focus kept.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../i18n";
import { stepOf } from "../../shared/direction";
import type { Message } from "../../shared/protocol";
import type { Announcer } from "../announce";
import type { Follow } from "../scroll";
import type { Session } from "../session";
import { icon } from "./icon";

type Side = "previous" | "next";

export class Versions {
  constructor(
    private readonly session: Session,
    private readonly box: HTMLElement,
    private readonly follow: Follow,
    private readonly announcer: Announcer,
    private readonly draw: () => void,
  ) {}

  template(message: Message): TemplateResult | typeof nothing {
    const { siblings } = message;
    const at = siblings.indexOf(message.id);
    if (at < 0) return nothing;
    const arrow = (
      side: Side,
      to: string | undefined,
    ) => html`<button class="button button-quiet button-icon button-small"
      data-version=${side} aria-label=${side === "next" ? t("Next version") : t("Previous version")} ?disabled=${to === undefined}
      @click=${() => to && this.turn(message, to, side)}>${icon(side === "next" ? "chevron-right" : "chevron-left")}</button>`;
    const onKey = (event: KeyboardEvent) => {
      const step = stepOf(event.key);
      const to = siblings[at + step];
      if (step === 0 || !to || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      void this.turn(message, to, step > 0 ? "next" : "previous");
    };
    return html`<div class="versions" role="group" aria-label=${t("Versions")} @keydown=${onKey}>
      ${arrow("previous", siblings[at - 1])}<span class="versions-count">${t("%(n)s of %(all)s", { n: at + 1, all: siblings.length })}</span>${arrow("next", siblings[at + 1])}
    </div>`;
  }

  /** Turn to a message without a place on the page, such as one that is being written on another branch. */
  async show(messageId: string): Promise<void> {
    if (!(await this.session.branches.choose(messageId))) return;
    this.session.reading.leave();
    this.draw();
    this.follow.toEnd();
  }

  private async turn(from: Message, to: string, side: Side): Promise<void> {
    const top = element(from.id)?.getBoundingClientRect().top ?? 0;
    const hadFocus = element(from.id)?.contains(document.activeElement) ?? false;
    this.follow.letGo();
    if (!(await this.session.branches.choose(to))) return;
    this.session.reading.leave();
    this.draw();
    const article = element(to);
    if (!article) {
      this.follow.toEnd(); // the branch is so long that its end alone is loaded
      return;
    }
    this.box.scrollTop += article.getBoundingClientRect().top - top;
    const message = this.session.thread.path.find((known) => known.id === to);
    if (!message) return;
    const at = message.siblings.indexOf(to) + 1;
    this.announcer.say(t("Version %(n)s of %(all)s.", { n: at, all: message.siblings.length }));
    if (hadFocus) focusArrow(article, side);
  }
}

function element(messageId: string): HTMLElement | null {
  return document.querySelector(`[data-message="${CSS.escape(messageId)}"]`);
}

/** The same arrow again, or the other one where there is no further version. */
function focusArrow(article: HTMLElement, side: Side): void {
  const arrows = [...article.querySelectorAll<HTMLButtonElement>("[data-version]")].filter((one) => !one.disabled);
  const same = arrows.find((one) => one.dataset.version === side);
  (same ?? arrows[0])?.focus({ preventScroll: true });
}
