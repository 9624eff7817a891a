// Ties replies in the list to what draws them: finished ones when they change, the running one after short pauses.
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

/** Text that grows twenty times a second is smooth to read. */
const PAUSE_MS = 50;

/** Draws the running reply: the first word at once, then after short pauses, longer ones when drawing is dear. */
export class Painter {
  private isDue = false;
  private notBefore = 0;

  constructor(
    private readonly session: Session,
    private readonly painted: () => void,
  ) {}

  request(): void {
    if (this.isDue) return;
    this.isDue = true;
    const paint = () => {
      this.isDue = false;
      this.paint();
    };
    // Between frames, not in one: the scroll to the end is then told within the frame that shows it, and takes no second
    // one. A page that nobody sees waits for its next frame.
    if (document.visibilityState === "hidden") requestAnimationFrame(paint);
    else setTimeout(paint, this.notBefore - performance.now());
  }

  paint(): void {
    const { thread } = this.session;
    const message = thread.path.find((known) => known.id === thread.turn?.message_id);
    const view = message && replyView(message.id);
    if (!view) return;
    const started = performance.now();
    view.draw(shown(thread, message), true, thread.turn?.step ?? null);
    // Drawing may take a third of the time, so that typing and scrolling stay smooth on a slow phone.
    this.notBefore = started + Math.max(PAUSE_MS, (performance.now() - started) * 3);
    this.painted();
  }
}
