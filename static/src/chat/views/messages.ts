// The conversation: what is stored, what waits its turn, what has not left this browser yet.
import { html, nothing, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { Message, QueuedTurn } from "../../shared/protocol";
import type { OutboxEntry } from "../outbox";
import type { Session } from "../session";
import { icon } from "./icon";
import { replyMessage, userMessage } from "./message";

export interface ListOptions {
  detailed: ReadonlySet<string>;
  toggleDetails(messageId: string): void;
  edit(entry: OutboxEntry): void;
}

interface Item {
  readonly key: string;
  readonly template: () => TemplateResult;
  readonly depends: unknown[];
}

export function messages(session: Session, options: ListOptions): TemplateResult {
  const items = [...onPath(session, options), ...queued(session), ...unsent(session, options)];
  return html`
    ${session.thread.older ? html`<div class="older" data-older>${session.loadingOlder ? html`<span class="spinner"></span>` : nothing}</div>` : nothing}
    ${repeat(
      items,
      (item) => item.key,
      (item) => guard(item.depends, item.template),
    )}
  `;
}

function onPath(session: Session, options: ListOptions): Item[] {
  const { thread } = session;
  const superseded = new Set(
    session.pending.flatMap(({ command, state }) =>
      command.type === "message.regenerate" && state !== "refused" ? [command.message_id] : [],
    ),
  );
  const visible = thread.path.filter((message) => message.role === "user" || message.role === "assistant");
  return visible.map((message, index) => {
    if (message.role === "user") {
      return { key: message.id, depends: [message, "path"], template: () => userMessage(message, nothing) };
    }
    const state = {
      live: thread.turn?.message_id === message.id || isUnfinished(message),
      latest: index === visible.length - 1,
      superseded: superseded.has(message.id),
      detailed: options.detailed.has(message.id),
    };
    return {
      key: message.id,
      depends: [state.live ? message.id : message, ...Object.values(state)],
      template: () => replyMessage(message, state, session, () => options.toggleDetails(message.id)),
    };
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
    if (!message || known.has(message.id)) return [];
    const isFirst = index === 0;
    const note = isNext(index) ? nothing : queuedNote(turn, isFirst, session);
    const item = {
      key: message.id,
      depends: [message, isNext(index), isFirst, session.stopping.has(turn.turn_id)],
      template: () => userMessage(message, note),
    };
    return isNext(index) ? [item, waiting(turn)] : [item];
  });
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
    <span class="message-why">${icon("clock")}${isFirst ? "Answered next" : "In line"}</span>
    <button class="button button-quiet button-small" ?disabled=${session.stopping.has(turn.turn_id)}
      @click=${() => session.takeBack(turn.turn_id)}>Take back</button>
  </p>`;
}

function unsent(session: Session, options: ListOptions): Item[] {
  return session.pending.flatMap((entry): Item[] => {
    const { command } = entry;
    if (command.type === "message.regenerate") {
      return entry.state === "refused" || entry.state === "held"
        ? [
            {
              key: command.id,
              depends: [entry],
              template: () => html`<div class="message">${entryNote(entry, session, options)}</div>`,
            },
          ]
        : [];
    }
    const message = {
      ...BLANK,
      id: command.id,
      content: command.text,
      created_at: new Date(entry.queued_at).toISOString(),
    };
    const depends = [entry.state, entry.error, session.connection.isOnline];
    return [{ key: command.id, depends, template: () => userMessage(message, entryNote(entry, session, options)) }];
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
  created_at: "",
};

function entryNote(entry: OutboxEntry, session: Session, options: ListOptions): TemplateResult {
  const discard = html`<button class="button button-quiet button-small"
    @click=${() => session.outbox.remove(entry.command.id)}>Discard</button>`;
  const edit =
    entry.command.type === "message.send"
      ? html`<button class="button button-quiet button-small" @click=${() => options.edit(entry)}>Edit</button>`
      : nothing;
  if (entry.state === "refused") {
    const isFinal = entry.error?.code === "too_long" || entry.error?.code === "too_large";
    return html`<div class="message-note message-note-end tone-danger" role="alert">
      <span class="message-why">${icon("alert")}${entry.error?.message ?? "This could not be sent."}</span>
      <span class="message-ways">
        ${isFinal ? nothing : html`<button class="button button-quiet button-small" @click=${() => session.retrySend(entry)}>Try again</button>`}
        ${edit}${discard}
      </span>
    </div>`;
  }
  if (entry.state === "held") {
    return html`<div class="message-note message-note-end"><span class="message-why">${icon("clock")}Not sent last time.</span>
      <span class="message-ways">
        <button class="button button-quiet button-small" @click=${() => session.retrySend(entry)}>Send now</button>${edit}${discard}
      </span></div>`;
  }
  return session.connection.isOnline
    ? html`<p class="message-note message-note-end message-sending">${icon("clock")}Sending</p>`
    : html`<p class="message-note message-note-end"><span class="message-why">${icon("clock")}Sent when you are online again</span>
        <span class="message-ways">${edit}${discard}</span></p>`;
}
