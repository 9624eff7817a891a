// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PageData } from "./data";
import { Page } from "./page";
import { nothingYet } from "./stream";

const SENTENCE = "Tool 1 has no name.";

function data(more: Partial<PageData> = {}): PageData {
  return {
    user: 7,
    team: "team",
    teams: [{ id: "team", name: "Shop", is_personal: false }],
    default_model: "openai/a",
    most_models: 4,
    source: "new",
    content: null,
    notes: [],
    original: null,
    kept: null,
    saved: [],
    tools: [{ name: "clock", label: "Clock", definition: { name: "clock" } }],
    urls: {
      page: "/p/",
      run: "/run/",
      tool: "/tool/",
      save: "/save/",
      numbers: "/n/",
      models: "/models/",
      preset: "/x/",
    },
    ...more,
  };
}

const MODELS = {
  models: ["a", "b"].map((name) => ({
    id: `openai/${name}`,
    label: name,
    provider: "OpenAI",
    abilities: {},
    parameters: name === "a" ? ["temperature"] : [],
    efforts: [],
  })),
  rules: { temperature: { label: "Temperature", least: 0, most: 2, whole: false } },
};

const NUMBERS = {
  ...{ input_tokens: 1, output_tokens: 2, cached_tokens: null, reasoning_tokens: null, is_estimated: false },
  ...{ cost_usd: null, first_ms: 1, took_ms: 2, speed: null, model: "a", finish_reason: "stop" },
};

let answers: Record<string, () => Response>;

function json(body: object, status = 200): () => Response {
  return () => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

function root(): HTMLElement {
  return document.getElementById("playground") as HTMLElement;
}

async function opened(more: Partial<PageData> = {}): Promise<Page> {
  document.body.innerHTML = '<div id="playground"></div><div data-toasts role="status"></div>';
  const page = new Page(data(more), root());
  page.start();
  await page.loadModels();
  return page;
}

beforeEach(() => {
  answers = { "/models/": json(MODELS) };
  vi.stubGlobal("fetch", async (url: string) => (answers[url] as () => Response)());
});

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
});

describe("the playground", () => {
  it("says beside its place what cannot be asked, and keeps the answer there was", async () => {
    const page = await opened();
    const column = page.state.columns[0];
    if (column)
      column.answer = {
        call: "c",
        status: "success",
        text: "Before",
        reasoning: "",
        tools: [],
        error: "",
        numbers: null,
        check: null,
      };
    answers["/run/"] = json({ error: SENTENCE, faults: { tools: SENTENCE } }, 400);

    page.run(page.state.columns);
    await vi.waitFor(() => expect(root().querySelector("#play-tools-fault")?.textContent).toContain(SENTENCE));

    expect(root().querySelector(".play-column")?.textContent).toContain("Before");
    expect(root().querySelector("#play-tools")?.getAttribute("aria-invalid")).toBe("true");
  });

  it("says in the column why a model was not asked at all", async () => {
    const page = await opened();
    answers["/run/"] = json({ error: "You are not in this team any more." }, 403);

    page.run(page.state.columns);

    await vi.waitFor(() => expect(root().querySelector(".play-fault")?.textContent).toContain("not in this team"));
  });

  it("tells for each model what it does not take", async () => {
    const page = await opened();
    page.setParameter("temperature", 0.5);
    page.addColumn();

    const columns = [...root().querySelectorAll(".play-column")].map((column) => column.textContent ?? "");

    expect(columns.map((text) => text.includes("is not told: Temperature"))).toEqual([false, true]);
  });

  it("lets messages be moved, removed and brought back", async () => {
    const page = await opened({
      content: {
        system: "",
        messages: ["one", "two"].map((text) => ({ role: "user", text, tool_calls: [], answers: "" })),
        parameters: {},
        tools: "",
        answer_schema: "",
        models: ["openai/a"],
      },
    });
    const texts = () => page.state.content.messages.map(({ text }) => text);

    page.moveMessage(1, -1);
    expect(texts()).toEqual(["two", "one"]);
    page.removeMessage(0);
    expect(texts()).toEqual(["one"]);
    document.querySelector<HTMLButtonElement>("[data-toast] button:not([data-toast-close])")?.click();

    expect(texts()).toEqual(["two", "one"]);
  });

  it("goes on with an answer, and has the tools of the server answer", async () => {
    const page = await opened();
    answers["/tool/"] = json({ told: "12:00" });
    const tools = [
      { id: "c1", name: "clock", arguments: "{}" },
      { id: "c2", name: "theirs", arguments: "{}" },
    ];

    page.goOnWith({
      call: "c",
      status: "success",
      text: "",
      reasoning: "",
      tools,
      error: "",
      numbers: null,
      check: null,
    });

    await vi.waitFor(() => expect(page.state.content.messages.map(({ text }) => text)).toEqual(["", "", "12:00", ""]));
    expect(page.state.content.messages.map(({ answers: id }) => id)).toEqual(["", "", "c1", "c2"]);
  });

  it("adds a tool to what stands there, unless that is no JSON", async () => {
    const page = await opened();

    page.addTool({ name: "clock" });
    page.addTool({ name: "other" });
    expect(JSON.parse(page.state.content.tools)).toEqual([{ name: "clock" }, { name: "other" }]);
    page.state.content.tools = "[";
    page.addTool({ name: "third" });

    expect(page.state.content.tools).toBe("[");
    expect(page.faults.tools).toContain("no JSON yet");
  });

  it("is as it was after a reload, an answer in the middle as far as it had come", async () => {
    const page = await opened();
    page.state.content.system = "Be kind.";
    const column = page.state.columns[0];
    if (column)
      column.answer = {
        call: "c",
        status: "running",
        text: "Half",
        reasoning: "",
        tools: [],
        error: "",
        numbers: null,
        check: null,
      };
    page.memory.keepNow(page.state);

    const again = await opened();

    expect(again.state.content.system).toBe("Be kind.");
    expect(again.state.columns[0]?.answer).toMatchObject({ text: "Half", status: "error" });
    expect((await opened({ user: 8 })).state.content.system).toBe("");
  });

  it("says that a kept one was changed, and shows what is saved again", async () => {
    const content = {
      system: "Kept",
      messages: [],
      parameters: {},
      tools: "",
      answer_schema: "",
      models: ["openai/a"],
    };
    const kept = { id: "k", name: "Mine", is_shared: false, is_own: true, by: "", url: "/p/k/", change_url: "/p/k/c/" };
    const messages = [{ role: "user" as const, text: "Hi", tool_calls: [], answers: "" }];
    const page = await opened({ source: "kept-k", kept, content: { ...content, messages } });
    expect(root().querySelector("h1")?.textContent).not.toContain("not saved");

    page.state.content.system = "Changed";
    page.changed();
    expect(root().querySelector("h1")?.textContent).toContain("not saved");
    page.showSaved();
    page.memory.keepNow(page.state);

    expect(page.state.content.system).toBe("Kept");
    expect((await opened({ source: "kept-k", kept, content: { ...content, messages } })).state.content.system).toBe(
      "Kept",
    );
  });

  it("offers the way to the log once the log has the call", async () => {
    vi.useFakeTimers();
    const page = await opened();
    const column = page.state.columns[0];
    const lines = [
      { type: "begun", call: "c" },
      { type: "text", text: "Some **bold** words" },
      { type: "ended", status: "success", error: "", numbers: null, check: null },
    ];
    answers["/run/"] = () => new Response(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    answers["/n/"] = json({ numbers: null, url: null });

    page.run(page.state.columns);
    await vi.waitFor(() => expect(column?.answer?.status).toBe("success"));
    await vi.advanceTimersByTimeAsync(400);
    expect(root().querySelector('a[href="/c/"]')).toBeNull();
    await vi.advanceTimersByTimeAsync(4000);
    expect(root().textContent).toContain("Not in the log yet.");
    answers["/n/"] = json({}, 500);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(root().querySelector('a[href="/c/"]')).toBeNull();
    answers["/n/"] = json({ numbers: { ...NUMBERS }, url: "/c/" });
    await vi.advanceTimersByTimeAsync(60_000);

    expect(root().querySelector('a[href="/c/"]')).not.toBeNull();
    expect(root().textContent).not.toContain("Not in the log yet.");
    vi.useRealTimers();
  });

  it("asks anew whether the log has the call of an answer it kept, and leads nowhere it has not", async () => {
    const page = await opened();
    const column = page.state.columns[0];
    if (column) column.answer = { ...nothingYet(), call: "c", status: "success", log: { url: "/c/" } };
    page.memory.keepNow(page.state);
    vi.useFakeTimers();
    answers["/n/"] = json({ numbers: null, url: null });

    await opened();
    await vi.advanceTimersByTimeAsync(1000);
    expect(root().querySelector('a[href="/c/"]')).toBeNull();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(root().textContent).toContain("Its call did not come into the log.");

    answers["/n/"] = json({ numbers: { ...NUMBERS }, url: null });
    await opened();
    await vi.advanceTimersByTimeAsync(1000);
    expect(root().textContent).not.toContain("the log");
    vi.useRealTimers();
  });

  it("sets answers as prose, or shows them as they came", async () => {
    const page = await opened();
    const column = page.state.columns[0];
    const answer = { ...nothingYet(), call: "c", status: "success" as const, text: "Some **bold** words" };
    if (column) column.answer = answer;
    page.changed();

    await vi.waitFor(() => expect(root().querySelector(".play-text strong")?.textContent).toBe("bold"));
    page.state.showsPlain = true;
    page.changed();
    expect(root().querySelector(".play-text")?.textContent).toBe("Some **bold** words");
    page.state.showsPlain = false;
    if (column) column.answer = { ...answer, isJson: true };
    page.changed();

    expect(root().querySelector(".play-text")?.textContent).toBe("Some **bold** words");
  });

  it("keeps what a logged call said with its tab alone", async () => {
    const page = await opened({ source: "call-1" });
    page.memory.keepNow(page.state);

    expect(localStorage.length).toBe(0);
    expect(sessionStorage.length).toBe(1);
  });
});
