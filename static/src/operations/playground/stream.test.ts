// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import { HttpError } from "../../shared/http";
import { ask, nothingYet } from "./stream";

function answering(pieces: string[], ends = true): void {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      if (ends) controller.close();
    },
  });
  vi.stubGlobal("fetch", async (_url: string, options: RequestInit) => {
    options.signal?.addEventListener("abort", () => body.cancel().catch(() => undefined));
    return new Response(body);
  });
}

function saying(status: number, body: object): void {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status }));
}

afterEach(() => {
  vi.unstubAllGlobals();
});

async function asked() {
  const answer = nothingYet();
  await ask("/run/", {}, answer, new AbortController().signal, () => undefined);
  return answer;
}

describe("an answer", () => {
  it("is put together from lines, wherever they are cut", async () => {
    const lines = [
      { type: "begun", call: "c1" },
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Grüße " },
      { type: "text", text: "dir" },
      { type: "tool", index: 0, id: "t", name: "look", arguments: '{"a"' },
      { type: "tool", index: 0, id: "", name: "", arguments: ":1}" },
      { type: "ping" },
      { type: "ended", status: "success", error: "", numbers: { output_tokens: 2 }, check: null },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join("");
    answering([...lines].map((letter) => letter));

    const answer = await asked();

    expect(answer).toMatchObject({ call: "c1", status: "success", text: "Grüße dir", reasoning: "Hm." });
    expect(answer.tools).toEqual([{ id: "t", name: "look", arguments: '{"a":1}' }]);
    expect(answer.numbers?.output_tokens).toBe(2);
  });

  it("that breaks off keeps what had arrived", async () => {
    answering(['{"type":"begun","call":"c1"}\n{"type":"text","text":"Half"}\n{"type":"te']);

    expect(await asked()).toMatchObject({
      status: "error",
      text: "Half",
      error: "The connection broke off. What had arrived is here.",
    });
  });

  it("that is stopped is no error", async () => {
    const stop = new AbortController();
    vi.stubGlobal("fetch", () => {
      stop.abort();
      return Promise.reject(new DOMException("Aborted", "AbortError"));
    });
    const answer = nothingYet();

    await ask("/run/", {}, answer, stop.signal, () => undefined);

    expect(answer).toMatchObject({ status: "cancelled", error: "" });
  });

  it("that does not begin throws what is wrong, place by place", async () => {
    saying(400, { error: "No.", faults: { tools: "Tool 1 has no name." } });

    await expect(asked()).rejects.toMatchObject({
      status: 400,
      message: "No.",
      faults: { tools: "Tool 1 has no name." },
    });
    saying(500, {});
    await expect(asked()).rejects.toBeInstanceOf(HttpError);
  });
});
