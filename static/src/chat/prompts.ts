// Prompts as the server has them, and the gaps in their texts. Pure but for the two requests.
import { getJson, postJson } from "../shared/http";
import { newId } from "../shared/ids";

export interface Prompt {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly shared: boolean;
}

export interface PromptList {
  readonly may_share: boolean;
  readonly prompts: Prompt[];
}

const URL_ = "/chat/api/prompts/";
const GAP = /\{\{\s*([^{}\n]{1,60}?)\s*\}\}/g;

export const loadPrompts = (teamId: string) => getJson<PromptList>(`${URL_}?team=${encodeURIComponent(teamId)}`);

export const savePrompt = (teamId: string, values: Omit<Prompt, "id">, id = newId()) =>
  postJson<{ prompt: Prompt }>(`${URL_}change/`, { id, team_id: teamId, values });

export const deletePrompt = (id: string) => postJson<object>(`${URL_}change/`, { id });

/** The names of a text's gaps, each once, in their order. */
export function gapsOf(text: string): string[] {
  return [...new Set([...text.matchAll(GAP)].map((match) => match[1] ?? ""))];
}

/** The text with its gaps filled; what is said of one gap is never read as another. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(GAP, (gap, name: string) => values[name] ?? gap);
}
