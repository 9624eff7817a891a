// The conversation: what is stored, what waits its turn, what has not left this browser yet.

import { html, nothing, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import { t } from "../../i18n";
import type { Message, QueuedTurn } from "../../shared/protocol";
import type { Gauge } from "../gauge";
import { isRefusedForGood, type OutboxEntry } from "../outbox";
import type { Session } from "../session";
import type { Thread } from "../store";
import { icon } from "./icon";
import { type Doings, replyMessage, userMessage, waitingMessage } from "./message";

export interface ListOptions extends Doings {
  /** So many of the oldest messages are not to be drawn yet. */
  readonly withheld: number;
  readonly gauge: Gauge;
  readonly detailed: ReadonlySet<string>;
  edit(entry: OutboxEntry): void;
}

interface Item {
  readonly key: string;
  readonly template: () => TemplateResult;
  readonly depends: unknown[];
}

export function messages(session: Session, options: ListOptions): TemplateResult {
  // What follows the last message is not below a place further up.
  const waiting = session.reading.excerpt
    ? []
    : [...elsewhere(session, options), ...queued(session), ...unsent(session, options)];
  const drawn = onPath(session, options);
  const items = [...(options.withheld > 0 ? drawn : withLines(drawn, options.gauge)), ...waiting];
  return html`
    ${session.shown.older && options.withheld === 0 ? html`<div class="older" data-older>${session.reading.loadingOlder ? html`<span class="spinner"></span>` : nothing}</div>` : nothing}
    ${repeat(
      items,
      (item) => item.key,
      (item) => guard(item.depends, item.template),
    )}
    ${session.reading.excerpt?.newer ? html`<div class="older" data-newer><span class="spinner"></span></div>` : nothing}
  `;
}

function onPath(session: Session, options: ListOptions): Item[] {
  const thread = session.shown;
  const leaving = new Set(thread.path.slice(firstSuperseded(thread, session.pending)));
  const visible = thread.path
    .slice(options.withheld)
    .filter((message) => message.role === "user" || message.role === "assistant");
  return visible.map((message, index) => {
    const superseded = leaving.has(message);
    const newer = session.newer.of(message.id);
    if (message.role === "user") {
      const state = { superseded, newer, field: options.edits.fieldOf(message) };
      return {
        key: message.id,
        depends: [message, ...Object.values(state)],
        template: () => userMessage(message, state, options),
      };
    }
    const state = {
      live: thread.turn?.message_id === message.id || isUnfinished(message),
      latest: index === visible.length - 1 && !session.reading.excerpt,
      superseded,
      detailed: options.detailed.has(message.id),
      newer,
    };
    return {
      key: message.id,
      depends: [...(state.live ? [message.id, message.siblings.length] : [message]), ...Object.values(state)],
      template: () => replyMessage(message, state, session, options),
    };
  });
}

/** Where the path is about to turn to another branch: at what is answered anew, or edited, and is on its way. */
function firstSuperseded(thread: Thread, pending: readonly OutboxEntry[]): number {
  const indexOf = (id: string) => thread.path.findIndex((message) => message.id === id);
  const places = pending.flatMap(({ command, state }) => {
    if (state === "refused" || state === "held") return [];
    if (command.type === "message.regenerate") return [indexOf(command.message_id)];
    if (command.parent_id === undefined) return [];
    return [command.parent_id === null ? (thread.older ? -1 : 0) : indexOf(command.parent_id) + 1 || -1];
  });
  return Math.min(thread.path.length, ...places.filter((place) => place >= 0));
}

/** Put what is to be said of the model's memory where it begins. */
function withLines(items: Item[], { shown, value }: Gauge): Item[] {
  if (!shown || !value) return items;
  return items.flatMap((item, index) => {
    const line = shown.lineBefore(value, item.key, items[index - 1]?.key);
    return line ? [{ key: `context:${item.key}`, depends: [value], template: () => line }, item] : [item];
  });
}

function isUnfinished(message: Message): boolean {
  return message.status === "running" || message.status === "queued";
}

function queued(session: Session): Item[] {
  const { thread } = session;
  const known = new Set(thread.path.map((message) => message.id));
  // Nothing is being answered: the first in line is about to be, and looks like it.
  const isNext = (index: number) => index === 0 && thread.turn === null;
  return thread.queued.flatMap((turn, index): Item[] => {
    const { message } = turn;
    if (!message) return isNext(index) ? [] : [queuedAnswer(turn, session)];
    if (known.has(message.id)) return [];
    const isFirst = index === 0;
    const note = isNext(index) ? nothing : queuedNote(turn, isFirst, session);
    const item = {
      key: message.id,
      depends: [message, isNext(index), isFirst, session.stopping.has(turn.turn_id)],
      template: () => waitingMessage(message, note),
    };
    return isNext(index) ? [item, waiting(turn)] : [item];
  });
}

/** Another answer to an earlier message waits for the one that is being written. */
function queuedAnswer(turn: QueuedTurn, session: Session): Item {
  return {
    key: `again:${turn.turn_id}`,
    depends: [session.stopping.has(turn.turn_id)],
    template: () => html`<div class="message"><p class="message-note">
      <span class="message-why">${icon("clock")}${t("Another answer to an earlier message is in line.")}</span>
      ${takeBackButton(turn, session)}
    </p></div>`,
  };
}

/** What is being written is not on the branch that is shown. */
function elsewhere({ thread, branches }: Session, options: ListOptions): Item[] {
  const { turn } = thread;
  if (!turn || thread.path.some((message) => message.id === turn.message_id)) return [];
  return [
    {
      key: `elsewhere:${turn.turn_id}`,
      depends: [branches.isTurning(thread.id)],
      template: () => html`<div class="message"><p class="message-note" role="status">
        <span class="message-why">${icon("branch")}${t("A reply is being written in another version.")}</span>
        <button class="button button-quiet button-small" ?disabled=${branches.isTurning(thread.id)}
          @click=${() => options.versions.show(turn.message_id)}>${t("Show it")}</button>
      </p></div>`,
    },
  ];
}

function waiting(turn: QueuedTurn): Item {
  return {
    key: `waiting:${turn.turn_id}`,
    depends: [],
    template: () => html`<div class="message message-waiting" aria-hidden="true"><span class="caret"></span></div>`,
  };
}

function queuedNote(turn: QueuedTurn, isFirst: boolean, session: Session): TemplateResult {
  return html`<p class="message-note message-note-end">
    <span class="message-why">${icon("clock")}${isFirst ? t("Answered next") : t("In line")}</span>
    ${takeBackButton(turn, session)}
  </p>`;
}

function takeBackButton(turn: QueuedTurn, session: Session): TemplateResult {
  return html`<button class="button button-quiet button-small" ?disabled=${session.stopping.has(turn.turn_id)}
    @click=${() => session.takeBack(turn.turn_id)}>${t("Take back")}</button>`;
}

function unsent(session: Session, options: ListOptions): Item[] {
  return session.pending.flatMap((entry): Item[] => {
    const { command } = entry;
    if (command.type === "message.regenerate") {
      return entry.state === "refused" || entry.state === "held"
        ? [
            {
              key: command.id,
              depends: [entry, session.model],
              template: () => html`<div class="message">${entryNote(entry, session, options)}</div>`,
            },
          ]
        : [];
    }
    const message = {
      ...BLANK,
      id: command.id,
      content: command.text,
      attachments: [...(entry.files ?? [])],
      created_at: new Date(entry.queued_at).toISOString(),
    };
    const depends = [entry.state, entry.error, session.connection.isOnline, session.model];
    return [{ key: command.id, depends, template: () => waitingMessage(message, entryNote(entry, session, options)) }];
  });
}

const BLANK: Message = {
  id: "",
  thread_id: "",
  parent_id: null,
  role: "user",
  content: "",
  reasoning: "",
  tools: [],
  status: "queued",
  error: null,
  model: "",
  usage: null,
  attachments: [],
  siblings: [],
  created_at: "",
  feedback: null,
};

function entryNote(entry: OutboxEntry, session: Session, options: ListOptions): TemplateResult {
  const discard = html`<button class="button button-quiet button-small"
    @click=${() => session.outbox.remove(entry.command.id)}>${t("Discard")}</button>`;
  const edit =
    entry.command.type === "message.send"
      ? html`<button class="button button-quiet button-small" @click=${() => options.edit(entry)}>${t("Edit")}</button>`
      : nothing;
  if (entry.state === "refused") {
    return html`<div class="message-note message-note-end tone-danger" role="alert">
      <span class="message-why">${icon("alert")}${entry.error?.message ?? t("This could not be sent.")}</span>
      <span class="message-ways">
        ${isRefusedForGood(entry, session.model) ? nothing : html`<button class="button button-quiet button-small" @click=${() => session.retrySend(entry)}>${t("Try again")}</button>`}
        ${edit}${discard}
      </span>
    </div>`;
  }
  if (entry.state === "held") {
    return html`<div class="message-note message-note-end"><span class="message-why">${icon("clock")}${t("Not sent last time.")}</span>
      <span class="message-ways">
        <button class="button button-quiet button-small" @click=${() => session.retrySend(entry)}>${t("Send now")}</button>${edit}${discard}
      </span></div>`;
  }
  return session.connection.isOnline
    ? html`<p class="message-note message-note-end message-sending">${icon("clock")}${t("Sending")}</p>`
    : html`<p class="message-note message-note-end"><span class="message-why">${icon("clock")}${t("Sent when the connection is back")}</span>
        <span class="message-ways">${edit}${discard}</span></p>`;
}
