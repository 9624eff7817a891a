// Ties replies in the list to what draws them: finished ones when they change, the running one once per frame.
import { noChange } from "lit-html";
import { Directive, directive, type ElementPart } from "lit-html/directive.js";
import type { Message } from "../../shared/protocol";
import type { Session } from "../session";
import { shown } from "../store";
import { ReplyView } from "./reply";

const views = new WeakMap<Element, ReplyView>();

class ReplyDirective extends Directive {
  private drawn: Message | undefined;

  render(_message: Message, _live: boolean): symbol {
    return noChange;
  }

  override update(part: ElementPart, [message, live]: [Message, boolean]): symbol {
    let view = views.get(part.element);
    if (!view) {
      view = new ReplyView(part.element as HTMLElement);
      views.set(part.element, view);
    }
    // A running reply is drawn by the painter; here it only needs its place.
    if (!live && this.drawn !== message) view.draw(message, false, null);
    this.drawn = live ? undefined : message;
    return noChange;
  }
}

export const reply = directive(ReplyDirective);

export function replyView(messageId: string): ReplyView | undefined {
  const element = document.querySelector(`[data-reply="${CSS.escape(messageId)}"]`);
  return element ? views.get(element) : undefined;
}

/** Draws the running reply: at most once per frame, and less often when drawing is dear. */
export class Painter {
  private frame = 0;
  private notBefore = 0;

  constructor(
    private readonly session: Session,
    private readonly painted: () => void,
  ) {}

  request(): void {
    this.frame ||= requestAnimationFrame((now) => {
      this.frame = 0;
      if (now < this.notBefore) this.request();
      else this.paint();
    });
  }

  paint(): void {
    const { thread } = this.session;
    const message = thread.path.find((known) => known.id === thread.turn?.message_id);
    const view = message && replyView(message.id);
    if (!view) return;
    const started = performance.now();
    view.draw(shown(thread, message), true, thread.turn?.step ?? null);
    const ended = performance.now();
    // Drawing may take a third of the time, so that typing and scrolling stay smooth on a slow phone.
    this.notBefore = ended + Math.max(0, (ended - started) * 2 - 8);
    this.painted();
  }
}
