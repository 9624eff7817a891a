// Trying again after an error that said how long to wait: the button counts down, in every tab and after a reload from
// where it was. Pressed before, it tries as soon as that makes sense, unless the person cancels or does something else
// first. Whoever reloads, or comes back to a computer that slept, presses anew: nothing is sent that nobody waits for.

import { html, noChange, nothing, render, type TemplateResult } from "lit-html";
import { Directive, directive, type ElementPart } from "lit-html/directive.js";
import { t } from "../../i18n";
import type { Message } from "../../shared/protocol";
import { exactTime } from "../format";
import type { Session } from "../session";
import { icon } from "./icon";

/** Nobody watches a button for longer; from here on the time of day says more. */
const LONGEST_COUNT_MS = 10 * 60_000;
/** A press counts no longer when the time had come so long ago: hidden tabs look once a minute, sleeping ones later. */
const LATE_MS = 2 * 60_000;
/** A reply that was not seen to fail may have failed this long after it was asked for. */
const UNSEEN_MS = 60_000;

/** When trying again makes sense, by the message that failed and the clock of this computer. */
const ends = new Map<string, number>();

function endOf({ id, created_at, error, usage }: Message, clockAhead: number): number {
  const wait = (error?.retry_after ?? 0) * 1000;
  if (wait <= 0) return 0;
  const known = ends.get(id);
  if (known !== undefined) return known;
  const latest = error?.retry_at
    ? Date.parse(error.retry_at)
    : Date.parse(created_at) + (usage?.duration_ms ?? 0) + UNSEEN_MS + wait;
  // Never longer than was said, whatever the two clocks say.
  const end = Math.min(Date.now() + wait, Number.isNaN(latest) ? Infinity : latest + clockAhead);
  ends.set(id, end);
  return end;
}

class RetryDirective extends Directive {
  private element: HTMLElement | undefined;
  private message: Message | undefined;
  private session: Session | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isAsked = false;
  private word = "";

  render(_message: Message, _session: Session): symbol {
    return noChange;
  }

  override update({ element }: ElementPart, [message, session]: [Message, Session]): symbol {
    if (this.message?.id !== message.id) this.forget();
    this.element = element as HTMLElement;
    this.message = message;
    this.session = session;
    this.draw();
    if (this.left > 0) this.count();
    return noChange;
  }

  private get left(): number {
    const { message, session } = this;
    if (!message || !session) return 0;
    // Whoever asked to wait was the model that failed; another one may be asked at once.
    if (message.error?.retryable && message.model && message.model !== session.model) return 0;
    return Math.max(0, Math.ceil((this.end - Date.now()) / 1000));
  }

  private get end(): number {
    return this.message && this.session ? endOf(this.message, this.session.data.clock_ahead ?? 0) : 0;
  }

  /** Now, another try could only end as this one did. */
  private get isVain(): boolean {
    const error = this.message?.error;
    return error != null && !error.retryable && (this.left > 0 || this.end === 0);
  }

  private count(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), this.isFar ? 30_000 : 1000);
  }

  private tick(): void {
    if (!this.element?.isConnected) this.forget();
    else if (this.left > 0) {
      if (this.isAsked && this.isElsewhere) this.cancel();
      this.draw();
      this.count();
    } else this.over();
  }

  /** Something else is on its way in this conversation. */
  private get isElsewhere(): boolean {
    return this.session !== undefined && (this.session.isBusy || this.session.pending.length > 0);
  }

  private over(): void {
    const isDue = this.isAsked && !this.isElsewhere && Date.now() - this.end < LATE_MS;
    this.isAsked = false;
    this.word = isDue ? "" : t("You can try again now.");
    this.draw();
    if (isDue) this.tryNow();
  }

  private press(): void {
    if (this.left <= 0 || this.isFar) this.tryNow();
    else if (this.isAsked) this.cancel();
    else {
      this.isAsked = true;
      this.word = t("Trying again by itself in %(time)s", { time: wait(this.left) });
    }
    this.draw();
  }

  private cancel(): void {
    this.isAsked = false;
    this.word = t("Not tried again by itself");
  }

  private tryNow(): void {
    this.forget();
    if (this.message) this.session?.regenerate(this.message.id, "retry");
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.isAsked = false;
    this.word = "";
  }

  private get isFar(): boolean {
    return this.left * 1000 > LONGEST_COUNT_MS;
  }

  private draw(): void {
    if (this.element) render(this.template(), this.element);
  }

  private template(): TemplateResult | typeof nothing {
    const { left, isFar, isAsked } = this;
    if (this.isVain) return nothing;
    const isCounting = left > 0 && !isFar;
    return html`${
      isFar && this.message
        ? html`<span class="retry-note">${t("Trying again makes sense from %(time)s.", { time: exactTime(new Date(this.end).toISOString()) })}</span>`
        : nothing
    }${isCounting && isAsked ? html`<span class="retry-note">${icon("clock")}${t("Trying again in %(time)s", { time: wait(left) })}</span>` : nothing}
      <button class="button button-secondary button-small" @click=${() => this.press()}>
        ${isCounting && isAsked ? nothing : icon(isCounting ? "clock" : "refresh")}<span class="retry-label">${this.label(left, isCounting)}</span></button>
      <span class="sr-only" role="status">${this.word}</span>`;
  }

  private label(left: number, isCounting: boolean): string {
    if (!isCounting) return t("Try again");
    return this.isAsked ? t("Cancel") : t("Try again in %(time)s", { time: wait(left) });
  }
}

/** `12 s`, `2 min 5 s` */
function wait(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `<span ${retry(message, session)}></span>` */
export const retry = directive(RetryDirective);
