// One field for each parameter a model takes, and a word about those it does not.

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../../i18n";
import { icon } from "../views/icon";
import type { ModelDetails, Rule } from "./models";

export type Value = string | number;

function help(name: string): string {
  const helps: Readonly<Record<string, string>> = {
    temperature: t("Lower is steadier, higher is freer."),
    top_p: t("How much of the likely words is considered. Change this or the temperature, not both."),
    max_output_tokens: t("In tokens; one is about four letters."),
    reasoning_effort: t("How long the model thinks before it answers."),
    verbosity: t("How much it says."),
    frequency_penalty: t("Higher repeats words less often."),
    presence_penalty: t("Higher moves on to new topics sooner."),
    seed: t("The same number makes replies more alike."),
  };
  return helps[name] ?? "";
}

export interface FieldsOptions {
  values: Readonly<Record<string, Value>>;
  /** Sentences beside the fields they are about. */
  faults: Readonly<Record<string, string>>;
  /** What is being typed, or was and could not stay: drawing the panel anew must not take it away. */
  typed: Record<string, string>;
  set(name: string, value: Value | null): void;
  wrong(name: string, typed: string, fault: string): void;
}

export function parameterFields(model: ModelDetails, rules: Readonly<Record<string, Rule>>, options: FieldsOptions) {
  const known = model.parameters.filter((name) => rules[name]);
  const unused = Object.keys(options.values).filter((name) => !model.parameters.includes(name));
  return html`
    ${known.length === 0 ? html`<p class="field-help">${t("Nothing can be set for this model.")}</p>` : nothing}
    <div class="settings-grid">${known.map((name) => field(name, rules[name] as Rule, model, options))}</div>
    ${unused.length > 0 ? unusedNote(unused, rules, model, options) : nothing}
  `;
}

function field(name: string, rule: Rule, model: ModelDetails, options: FieldsOptions): TemplateResult {
  const id = `setting-${name}`;
  const fault = options.faults[name];
  return html`<div class="field">
    <div class="field-label"><label for=${id}>${rule.label}</label></div>
    ${rule.options ? choice(id, name, rule, model, options) : number(id, name, rule, options)}
    <p class="field-help" id="${id}-help">${help(name)}</p>
    ${fault ? html`<p class="field-error" id="${id}-error">${icon("alert")}<span>${fault}</span></p>` : nothing}
  </div>`;
}

function choice(id: string, name: string, rule: Rule, model: ModelDetails, { values, set }: FieldsOptions) {
  const offered = name === "reasoning_effort" ? model.efforts : (rule.options ?? []);
  const chosen = values[name];
  const extra = typeof chosen === "string" && !offered.includes(chosen) ? [chosen] : [];
  return html`<div class="select"><select id=${id} aria-describedby="${id}-help"
      @change=${(event: Event) => set(name, (event.target as HTMLSelectElement).value || null)}>
      <option value="" ?selected=${chosen === undefined}>${t("The model's own")}</option>
      ${[...offered, ...extra].map((one) => html`<option value=${one} ?selected=${one === chosen}>${extra.includes(one) ? t("%(word)s (not used)", { word: word(one) }) : word(one)}</option>`)}
    </select>${icon("chevron-down")}</div>`;
}

function number(id: string, name: string, rule: Rule, { values, faults, typed, set, wrong }: FieldsOptions) {
  const shown = typed[name] ?? String(values[name] ?? "");
  return html`<input id=${id} inputmode="decimal" autocomplete="off" placeholder=${t("The model's own")}
    aria-describedby="${id}-help${faults[name] ? ` ${id}-error` : ""}" aria-invalid=${faults[name] ? "true" : nothing}
    .value=${live(shown)} @input=${(event: Event) => {
      typed[name] = (event.target as HTMLInputElement).value;
    }} @change=${(event: Event) => {
      const text = (event.target as HTMLInputElement).value.trim().replace(",", ".");
      const fault = text ? faultOf(rule, text) : null;
      if (fault) wrong(name, text, fault);
      else set(name, text ? Number(text) : null);
    }}>`;
}

/** What the server would say of it, for a chat that is not stored yet. */
export function faultOf(rule: Rule, text: string): string | null {
  const value = Number(text);
  const { least = 0, most = 0, whole, label } = rule;
  if (Number.isFinite(value) && value >= least && value <= most && !(whole && !Number.isInteger(value))) return null;
  return whole
    ? t("%(name)s is a whole number from %(least)s to %(most)s.", { name: label, least, most })
    : t("%(name)s is a number from %(least)s to %(most)s.", { name: label, least, most });
}

function unusedNote(
  names: string[],
  rules: Readonly<Record<string, Rule>>,
  model: ModelDetails,
  options: FieldsOptions,
) {
  return html`<div class="settings-unused">
    <p class="field-help">${t("%(model)s does not take these, so they are left out:", { model: model.label })}</p>
    <ul>${names.map(
      (name) => html`<li><span>${rules[name]?.label ?? name} ${options.values[name]}</span>
        <button type="button" class="button button-quiet button-small" aria-label=${t("Remove %(name)s", { name: rules[name]?.label ?? name })}
          @click=${() => options.set(name, null)}>${t("Remove")}</button></li>`,
    )}</ul>
  </div>`;
}

/** How a choice is called; one that is new here by its own name. */
function word(choice: string): string {
  const words: Readonly<Record<string, string>> = {
    none: t("None"),
    minimal: t("Minimal"),
    low: t("Low"),
    medium: t("Medium"),
    high: t("High"),
    xhigh: t("Extra high"),
  };
  return words[choice] ?? choice.charAt(0).toUpperCase() + choice.slice(1);
}
