// The prompt: instructions, messages, and behind disclosures what else a model is told.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { Catalogue, ModelDetails } from "../../chat/panels/models";
import { parameterFields } from "../../chat/panels/settings_fields";
import { icon } from "../../chat/views/icon";
import { t, tn } from "../../i18n";
import type { Message, Offered, Role, ToolCall } from "./data";
import type { Page } from "./page";

export function editor(page: Page): TemplateResult {
  const { content } = page.state;
  return html`
    <div class="field">
      <div class="field-label"><label for="play-system">${t("Instructions")}</label></div>
      ${area("play-system", content.system, t("Who the model is, and how it answers"), (text) => {
        content.system = text;
        page.changed();
      })}
    </div>
    <div class="play-messages">
      ${repeat(content.messages, page.keyOf, (message, at) => messageOf(page, message, at))}
      ${faultAt(page, "messages")}
      <button type="button" class="button button-quiet button-small play-add" @click=${() => page.addMessage(nextRole(content.messages))}>${icon("plus")}${t("Add a message")}</button>
    </div>
    <div class="play-more">
      ${part(page, "parameters", t("Parameters"), setCount(page), () => parameters(page))}
      ${part(page, "tools", t("Tools"), content.tools.trim() ? t("set") : "", () => tools(page))}
      ${part(page, "answer_schema", t("Schema of the answer"), content.answer_schema.trim() ? t("set") : "", () => schema(page))}
    </div>`;
}

function nextRole(messages: readonly Message[]): Role {
  return messages.at(-1)?.role === "user" ? "assistant" : "user";
}

function setCount(page: Page): string {
  const count = Object.keys(page.state.content.parameters).length;
  return count > 0 ? tn("%(n)s set", "%(n)s set", count) : "";
}

// --- Messages ---

function roles(): [Role, string][] {
  return [
    ["user", t("Person")],
    ["assistant", t("Model")],
    ["system", t("Instructions")],
    ["tool", t("Result of a tool")],
  ];
}

function messageOf(page: Page, message: Message, at: number): TemplateResult {
  const { messages } = page.state.content;
  const name = t("Message %(n)s", { n: at + 1 });
  const id = `play-message-${at}`;
  return html`<div class="play-message play-${message.role}" role="group" aria-label=${name}>
    <div class="play-message-head">
      <div class="select play-role"><select class="input" aria-label=${t("Who says it")} @change=${(event: Event) => {
        message.role = (event.target as HTMLSelectElement).value as Role;
        page.changed();
      }}>${roles().map(([role, label]) => html`<option value=${role} ?selected=${role === message.role}>${label}</option>`)}</select>${icon("chevron-down")}</div>
      <div class="play-message-tools">
        ${tool("arrow-up", t("Move up"), () => page.moveMessage(at, -1), at === 0)}
        ${tool("arrow-down", t("Move down"), () => page.moveMessage(at, 1), at === messages.length - 1)}
        ${tool("trash", t("Remove the message"), () => page.removeMessage(at))}
      </div>
    </div>
    ${message.role === "tool" ? answersField(page, message, at) : nothing}
    ${area(
      id,
      message.text,
      placeholder(message.role),
      (text) => {
        message.text = text;
        page.changed(`messages.${at}`);
      },
      t("Text of message %(n)s", { n: at + 1 }),
      page.faults[`messages.${at}`],
    )}
    ${message.role === "assistant" ? message.tool_calls.map((call) => toolCall(page, message, call)) : nothing}
    ${faultAt(page, `messages.${at}`)}
  </div>`;
}

function placeholder(role: Role): string {
  const words: Record<Role, string> = {
    user: t("What a person says"),
    assistant: t("What the model said"),
    system: t("Instructions between messages"),
    tool: t("What the tool answered"),
  };
  return words[role];
}

function answersField(page: Page, message: Message, at: number): TemplateResult {
  return html`<div class="field"><div class="field-label"><label for="play-answers-${at}">${t("Id of the tool call")}</label></div>
    <input id="play-answers-${at}" class="input play-code" autocomplete="off" spellcheck="false" .value=${live(message.answers)} @input=${(
      event: Event,
    ) => {
      message.answers = (event.target as HTMLInputElement).value.trim();
      page.changed(`messages.${at}`);
    }}></div>`;
}

function toolCall(page: Page, message: Message, call: ToolCall): TemplateResult {
  return html`<div class="play-call">
    <p class="play-call-name">${icon("tool")}<span>${call.name}</span> <code>${call.id}</code></p>
    <pre class="call-json" tabindex="0">${call.arguments}</pre>
    <button type="button" class="button button-quiet button-small" aria-label=${t("Remove the call of %(name)s", { name: call.name })} @click=${() => {
      message.tool_calls = message.tool_calls.filter((one) => one !== call);
      page.changed();
    }}>${t("Remove")}</button>
  </div>`;
}

function tool(name: string, label: string, run: () => void, disabled = false): TemplateResult {
  return html`<button type="button" class="button button-quiet button-icon" aria-label=${label} title=${label} ?disabled=${disabled} @click=${run}>${icon(name)}</button>`;
}

/** A field that grows with what is in it. */
function area(
  id: string,
  text: string,
  hint: string,
  typed: (text: string) => void,
  label: string | typeof nothing = nothing,
  fault = "",
  kind = "",
): TemplateResult {
  return html`<textarea id=${id} class="input play-area ${kind}" rows="2" placeholder=${hint} aria-label=${label} aria-invalid=${fault ? "true" : nothing}
    aria-describedby=${fault ? `${id}-fault` : nothing} spellcheck=${kind ? "false" : nothing}
    .value=${live(text)} @input=${(event: Event) => typed((event.target as HTMLTextAreaElement).value)}></textarea>`;
}

export function faultAt(page: Page, place: string): TemplateResult | typeof nothing {
  const fault = page.faults[place];
  const id = `${place.startsWith("messages.") ? `play-message-${place.slice(9)}` : `play-${place}`}-fault`;
  return fault ? html`<p class="field-error" id=${id} role="alert">${icon("alert")}<span>${fault}</span></p>` : nothing;
}

// --- What else a model is told ---

function part(page: Page, name: string, title: string, said: string, body: () => TemplateResult): TemplateResult {
  const isOpen = page.openParts.has(name);
  return html`<details class="disclosure play-part" ?open=${isOpen} @toggle=${(event: Event) => page.openPart(name, (event.target as HTMLDetailsElement).open)}>
    <summary><span>${title}${said ? html` <span class="badge">${said}</span>` : nothing}</span>${icon("chevron-down")}</summary>
    <div class="play-part-body">${isOpen ? body() : nothing}</div>
  </details>`;
}

function parameters(page: Page): TemplateResult {
  if (page.modelsFailed)
    return html`<p class="field-help">${t("What can be set could not be loaded.")}</p>
      <button type="button" class="button button-secondary button-small" @click=${() => page.loadModels()}>${t("Try again")}</button>`;
  if (!page.catalogue) return html`<p class="field-help" role="status">${t("Loading")}</p>`;
  return html`${parameterFields(allOf(page, page.catalogue), page.catalogue.rules, {
    values: page.state.content.parameters,
    faults: page.faults,
    typed: page.typed,
    set: (name, value) => page.setParameter(name, value),
    wrong: (name, _typed, fault) => {
      page.faults = { ...page.faults, [name]: fault };
      page.draw();
    },
  })}`;
}

/** The models that are chosen, as one: what any of them takes can be set. */
function allOf(page: Page, catalogue: Catalogue): ModelDetails {
  const chosen = page.state.columns.flatMap(({ model }) => catalogue.models.find(({ id }) => id === model) ?? []);
  const names = new Set(chosen.flatMap((model) => model.parameters));
  const efforts = new Set(chosen.flatMap((model) => model.efforts));
  return {
    ...((chosen[0] ?? catalogue.models[0]) as ModelDetails),
    label: chosen.map(({ label }) => label).join(", ") || t("The model"),
    parameters: Object.keys(catalogue.rules).filter((name) => names.has(name)),
    efforts: (catalogue.rules.reasoning_effort?.options ?? []).filter((one) => efforts.has(one)),
  };
}

/** What is set and this model does not take, in words. */
export function leftOut(page: Page, model: string): string {
  const known = page.catalogue?.models.find(({ id }) => id === model);
  if (!known) return "";
  const names = Object.keys(page.state.content.parameters).filter((name) => !known.parameters.includes(name));
  const labels = names.map((name) => page.catalogue?.rules[name]?.label ?? name).join(", ");
  return labels && t("Does not take and is not told: %(names)s", { names: labels });
}

function tools(page: Page): TemplateResult {
  const { content } = page.state;
  return html`${area(
    "play-tools",
    content.tools,
    '[{"name": "look_up", "description": "…", "parameters": {…}}]',
    (text) => {
      content.tools = text;
      page.changed("tools");
    },
    t("Tools"),
    page.faults.tools,
    "play-code",
  )}
    ${faultAt(page, "tools")}
    <p class="field-help">${page.data.tools.length > 0 ? t("JSON, a list of tools. What a model wants to call is shown. Going on with its answer runs the tools named below; the results of others you write yourself.") : t("JSON, a list of tools. What a model wants to call is shown, and you write the results.")}</p>
    ${page.data.tools.length > 0 ? html`<div class="play-offered">${page.data.tools.map((one) => offered(page, one))}</div>` : nothing}`;
}

function offered(page: Page, { label, definition }: Offered): TemplateResult {
  return html`<button type="button" class="button button-secondary button-small" @click=${() => page.addTool(definition)}>${icon("plus")}${label}</button>`;
}

function schema(page: Page): TemplateResult {
  const { content } = page.state;
  return html`${area(
    "play-answer_schema",
    content.answer_schema,
    '{"type": "object", "properties": {…}, "required": […]}',
    (text) => {
      content.answer_schema = text;
      page.changed("answer_schema");
    },
    t("Schema of the answer"),
    page.faults.answer_schema,
    "play-code",
  )}
    ${faultAt(page, "answer_schema")}
    <p class="field-help">${t("A JSON schema. Each answer is held against it.")}</p>`;
}
