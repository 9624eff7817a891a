// Search: a field over the page, results as somebody types, and a choice that lands on the message.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { t, tn, tWith } from "../../i18n";
import { exactTime } from "../format";
import type { Session } from "../session";
import { icon } from "../views/icon";
import { untitled } from "../views/thread_menu";
import { type Found, type FoundThread, marked, type Piece, SearchQuery } from "./search_query";

export interface SearchActions {
  /** Open a thread, at a message if one was chosen, and mark these words there. */
  open(threadId: string, messageId: string | null, words: string[]): void;
}

const MOST_FILLS = 5;

let panel: SearchPanel | null = null;

export function open(session: Session, actions: SearchActions): void {
  panel ??= new SearchPanel(session, actions);
  panel.show();
}

interface Option {
  readonly id: string;
  choose(): void;
}

class SearchPanel {
  private readonly element = document.createElement("dialog");
  private readonly query: SearchQuery;
  private active = 0;
  private fills = 0;
  private options: Option[] = [];

  constructor(
    private readonly session: Session,
    private readonly actions: SearchActions,
  ) {
    const { data } = session;
    this.query = new SearchQuery(data.urls.search, data.team.id, () => this.draw());
    this.element.className = "dialog panel search-panel";
    this.element.setAttribute("aria-label", t("Search conversations"));
    this.element.addEventListener("close", () => {
      this.query.stop();
      this.element.remove();
    });
  }

  show(): void {
    if (this.element.open) return;
    document.body.append(this.element);
    this.draw();
    this.element.showModal();
    this.field?.select();
    // What was found last time may have changed since.
    if (this.query.text.trim()) this.query.again();
  }

  private get field(): HTMLInputElement | null {
    return this.element.querySelector("input");
  }

  private draw(): void {
    const { query } = this;
    this.options = query.results.flatMap((thread) => this.optionsOf(thread));
    this.active = Math.max(0, Math.min(this.active, this.options.length - 1));
    const active = this.options[this.active]?.id;
    render(
      html`<div class="search-head">
          ${icon("search")}
          <input type="search" class="search-field" placeholder=${t("Search conversations")} autocomplete="off" spellcheck="false"
            enterkeyhint="search" maxlength="400"
            role="combobox" aria-label=${t("Search conversations")} aria-expanded=${this.options.length > 0} aria-controls="search-results"
            aria-autocomplete="list" aria-activedescendant=${active ?? nothing}
            .value=${query.text} @input=${(event: InputEvent) => this.onInput(event)} @keydown=${(event: KeyboardEvent) => this.onKey(event)} />
          ${query.slow ? html`<span class="spinner" aria-hidden="true"></span>` : nothing}
          <button type="button" class="button button-quiet button-icon" data-dialog-close aria-label=${t("Close")}>${icon("close")}</button>
        </div>
        ${
          query.within
            ? html`<p class="search-within"><span class="truncate">${t("In “%(title)s”", { title: query.within.title })}</span>
              <button class="button button-quiet button-small" @click=${() => this.narrow(null)}>${t("Search all conversations")}</button></p>`
            : nothing
        }
        <div class="search-results" id="search-results" role="listbox" aria-label=${t("Results")} aria-busy=${query.slow}
          ?hidden=${this.options.length === 0} @scroll=${() => this.fill()}>
          ${repeat(
            query.results,
            (thread) => thread.thread_id,
            (thread) => this.threadTemplate(thread, active),
          )}
        </div>
        ${this.stateTemplate()}
        <p class="sr-only" role="status">${this.summary()}</p>`,
      this.element,
    );
    requestAnimationFrame(() => this.fill());
  }

  /** A page may hold few conversations with many finds each: go on until there is something to scroll, for a while. */
  private fill(): void {
    const list = this.element.querySelector(".search-results");
    if (!list || !this.element.open || !this.query.next) return;
    if (list.scrollHeight - list.scrollTop - list.clientHeight >= 400) return;
    if (list.scrollHeight > list.clientHeight || this.fills++ < MOST_FILLS) this.query.more();
  }

  private summary(): string {
    const { query } = this;
    if (query.slow) return t("Searching");
    if (query.state !== "ready") return "";
    const count = query.results.length;
    if (count === 0) return t("Nothing found");
    return query.next
      ? tn("%(n)s or more conversation found", "%(n)s or more conversations found", count)
      : tn("%(n)s conversation found", "%(n)s conversations found", count);
  }

  private stateTemplate(): TemplateResult | typeof nothing {
    const { query } = this;
    if (query.state === "failed") {
      return html`<div class="search-state" role="alert"><p>${t("The search could not be done. Your conversations are safe.")}</p>
        <button class="button button-secondary button-small" @click=${() => query.again()}>${t("Try again")}</button></div>`;
    }
    if (query.state === "idle") {
      return html`<div class="search-state"><p>${t("Search the names and messages of your conversations in %(team)s.", { team: this.session.data.team.name })}</p>
        <p class="search-hint">${t('All words must be in a message. Put "words in quotes" to find them in this order.')}</p></div>`;
    }
    if (query.results.length > 0) return nothing;
    return html`<div class="search-state"><p>${tWith("Nothing found for “%(words)s”.", { words: html`<span class="search-asked">${query.answered}</span>` })}</p>
      <p class="search-hint">${t("Try fewer words, or only the beginning of a word.")}</p></div>`;
  }

  private threadTemplate(thread: FoundThread, active: string | undefined): TemplateResult {
    const [head, ...found] = this.optionsOf(thread);
    const rest = thread.more > 0 ? found.pop() : undefined;
    const { home } = this.session.data.urls;
    return html`<div role="group" class="search-thread" aria-label=${textOf(thread.title) || untitled()}>
      ${this.option(
        head,
        active,
        `${home}${thread.thread_id}/`,
        html`<span class="search-title">${thread.title.length > 0 ? pieces(thread.title) : untitled()}</span>
          ${thread.archived ? html`<span class="badge">${t("Archived")}</span>` : nothing}
          <time class="search-time" datetime=${thread.last_message_at}>${exactTime(thread.last_message_at)}</time>`,
        "search-option-thread",
      )}
      ${thread.found.map((one, place) =>
        this.option(
          found[place],
          active,
          `${home}${thread.thread_id}/?message=${one.message_id}`,
          html`<span class="search-who">${one.role === "user" ? t("You") : t("Reply")}</span><span class="search-text" dir="auto">${pieces(one.text)}</span>`,
        ),
      )}
      ${rest ? this.option(rest, active, `${home}${thread.thread_id}/`, html`<span class="search-more">${t("%(n)s more in this conversation", { n: thread.more })}</span>`) : nothing}
    </div>`;
  }

  private option(
    option: Option | undefined,
    active: string | undefined,
    href: string,
    content: TemplateResult,
    kind = "",
  ): TemplateResult | typeof nothing {
    if (!option) return nothing;
    const onClick = (event: MouseEvent) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      option.choose();
    };
    return html`<a class="search-option ${kind}" role="option" id=${option.id} href=${href} tabindex="-1"
      aria-selected=${option.id === active ? "true" : "false"} @click=${onClick}
      @pointermove=${() => this.activate(this.options.findIndex(({ id }) => id === option.id))}>${content}</a>`;
  }

  private optionsOf(thread: FoundThread): Option[] {
    const { thread_id: threadId, found, more } = thread;
    const to = (one: Found) => () => this.choose(threadId, one.message_id, marked(one.text));
    const within = { threadId, title: textOf(thread.title) || untitled() };
    return [
      { id: `found-${threadId}`, choose: () => this.choose(threadId, null, []) },
      ...found.map((one) => ({ id: `found-${one.message_id}`, choose: to(one) })),
      ...(more > 0 ? [{ id: `more-${threadId}`, choose: () => this.narrow(within) }] : []),
    ];
  }

  private narrow(within: { threadId: string; title: string } | null): void {
    this.active = 0;
    this.query.narrow(within);
    this.field?.focus();
  }

  private choose(threadId: string, messageId: string | null, words: string[]): void {
    this.element.close();
    this.actions.open(threadId, messageId, words);
  }

  private onInput(event: InputEvent): void {
    this.active = this.fills = 0;
    this.query.type((event.currentTarget as HTMLInputElement).value);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const count = this.options.length;
    const moves: Record<string, number> = { ArrowDown: this.active + 1, ArrowUp: this.active - 1 };
    const to = moves[event.key];
    if (event.key === "Enter" && count > 0) {
      event.preventDefault();
      this.options[this.active]?.choose();
    } else if (event.key === "Escape") {
      // The browser would empty a search field first; here the key closes, and what was typed is kept.
      event.preventDefault();
      this.element.close();
    } else if (to !== undefined && count > 0) {
      event.preventDefault();
      if (to >= count) this.query.more();
      this.activate(this.query.next && to >= count ? count - 1 : (to + count) % count);
      this.element.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    }
  }

  private activate(place: number): void {
    if (place < 0 || place === this.active) return;
    this.active = place;
    this.draw();
  }
}

function textOf(text: readonly Piece[]): string {
  return text.map(([piece]) => piece).join("");
}

function pieces(text: readonly Piece[]): unknown[] {
  return text.map(([piece, isMarked]) => (isMarked ? html`<mark>${piece}</mark>` : piece));
}
