// One model's answer, read line by line while it is written.
import { t } from "../../i18n";
import { HttpError } from "../../shared/http";
import type { Check, Numbers, ToolCall } from "./data";

export type Status = "running" | "success" | "error" | "cancelled" | "blocked";

export interface Answer {
  /** The id its log has; empty until the server has begun. */
  call: string;
  status: Status;
  text: string;
  reasoning: string;
  tools: ToolCall[];
  error: string;
  numbers: Numbers | null;
  check: Check | null;
  /** Asked to follow a schema. */
  isJson?: boolean;
  /** Where its call can be opened, once it is written: logs are a moment behind their answers. */
  log?: { url: string } | "late" | "missing" | "closed";
}

type Line =
  | { type: "begun"; call: string }
  | { type: "text" | "reasoning"; text: string }
  | { type: "tool"; index: number; id: string; name: string; arguments: string }
  | { type: "ping" }
  | { type: "ended"; status: Status; error: string; numbers: Numbers | null; check: Check | null };

export function nothingYet(): Answer {
  return {
    call: "",
    status: "running",
    text: "",
    reasoning: "",
    tools: [],
    error: "",
    numbers: null,
    check: null,
  };
}

export function broken(): string {
  return t("The connection broke off. What had arrived is here.");
}

/**
 * Ask, and fold what comes into `answer`; resolves at its end, however it ends. Aborting hangs up on the model.
 * Throws HttpError where the server does not begin.
 */
export async function ask(
  url: string,
  wish: object,
  answer: Answer,
  signal: AbortSignal,
  changed: () => void,
): Promise<void> {
  try {
    const body = await open(url, wish, signal);
    for await (const line of lines(body)) {
      fold(answer, line);
      changed();
    }
    if (answer.status === "running") {
      answer.status = "error";
      answer.error = broken();
    }
  } catch (error) {
    if (error instanceof HttpError) throw error;
    answer.status = signal.aborted ? "cancelled" : "error";
    if (!signal.aborted)
      answer.error = answer.call ? broken() : t("The server cannot be reached. Try again in a moment.");
  }
  changed();
}

async function open(url: string, wish: object, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const token = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const response = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/x-ndjson", "Content-Type": "application/json", "X-CSRFToken": token },
    credentials: "same-origin",
    body: JSON.stringify(wish),
    signal,
  });
  if (response.redirected) throw new HttpError(401, t("You have been signed out."));
  if (response.ok && response.body) return response.body;
  const said = (await response.json().catch(() => ({}))) as { error?: string; faults?: Record<string, string> };
  const fallback =
    response.status === 413 ? t("This is too long to be sent.") : t("That did not work. Try again in a moment.");
  throw new HttpError(response.status, said.error || fallback, said.faults);
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const whole = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) if (line) yield JSON.parse(line) as Line;
  }
}

export function fold(answer: Answer, line: Line): void {
  switch (line.type) {
    case "begun":
      answer.call = line.call;
      return;
    case "text":
      answer.text += line.text;
      return;
    case "reasoning":
      answer.reasoning += line.text;
      return;
    case "tool": {
      const known = answer.tools[line.index];
      if (known) known.arguments += line.arguments;
      else answer.tools[line.index] = { id: line.id, name: line.name, arguments: line.arguments };
      return;
    }
    case "ping":
      return;
    case "ended":
      answer.status = line.status;
      answer.error = line.error;
      answer.numbers = line.numbers;
      answer.check = line.check;
      return;
    default:
      line satisfies never;
  }
}
