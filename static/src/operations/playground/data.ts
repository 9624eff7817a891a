// What the playground's page is handed by the server, and what it keeps.

export type Role = "system" | "user" | "assistant" | "tool";

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export interface Message {
  role: Role;
  text: string;
  tool_calls: ToolCall[];
  /** The id of the tool call whose result this is. */
  answers: string;
}

export interface Content {
  system: string;
  messages: Message[];
  parameters: Record<string, string | number>;
  tools: string;
  answer_schema: string;
  models: string[];
}

export interface Numbers {
  status?: string;
  input_tokens: number | null;
  output_tokens: number | null;
  cached_tokens: number | null;
  reasoning_tokens: number | null;
  is_estimated: boolean;
  cost_usd: string | null;
  first_ms: number | null;
  took_ms: number | null;
  /** Tokens per second. */
  speed: number | null;
  model: string;
  finish_reason: string;
}

/** What the server says of a call: nothing until it is written, no address where it is not for this person to open. */
export interface InLog {
  numbers: Numbers | null;
  url: string | null;
}

export interface Check {
  fits: boolean;
  problem: string;
}

/** The answer a logged call got, beside which new ones stand. */
export interface Original {
  id: string;
  url: string;
  model: string;
  text: string;
  reasoning: string;
  tool_calls: ToolCall[];
  error: string;
  numbers: Numbers;
  created_at: string;
}

export interface Kept {
  id: string;
  name: string;
  is_shared: boolean;
  is_own: boolean;
  /** Who made it, where that was somebody else. */
  by: string;
  url: string;
  change_url: string;
}

export interface Offered {
  name: string;
  label: string;
  definition: object;
}

export interface PageData {
  user: number;
  team: string;
  teams: { id: string; name: string; is_personal: boolean }[];
  default_model: string;
  most_models: number;
  /** Under which name the browser keeps what stands here. */
  source: string;
  content: Content | null;
  notes: string[];
  original: Original | null;
  kept: Kept | null;
  saved: Kept[];
  tools: Offered[];
  urls: Record<"page" | "run" | "tool" | "save" | "numbers" | "models" | "preset", string>;
}

export function readPageData(): PageData {
  return JSON.parse(document.getElementById("playground-data")?.textContent ?? "null") as PageData;
}

const NOBODY = "00000000-0000-0000-0000-000000000000";

/** An address the server made for no call in particular, for this one. */
export function addressOf(url: string, id: string): string {
  return url.replace(NOBODY, id);
}

/** Whether answers are asked to follow a schema: they are JSON then, no prose. */
export function isJson(schema: string | undefined): boolean {
  return Boolean(schema?.trim());
}

export function emptyMessage(role: Role = "user"): Message {
  return { role, text: "", tool_calls: [], answers: "" };
}

export function emptyContent(): Content {
  return { system: "", messages: [emptyMessage()], parameters: {}, tools: "", answer_schema: "", models: [] };
}
