import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Session } from "../session";
import { freshThread, type Thread } from "../store";
import { openSettings, updateSettings } from "./thread_settings";

const thread = (id: string, instructions: string, fresh = false): Thread => ({
  ...freshThread(id, "", { instructions, parameters: {} }),
  rev: 3,
  fresh,
});

let posted: [url: string, wish: unknown][];
let session: { thread: Thread; hold: ReturnType<typeof vi.fn> };

beforeEach(() => {
  posted = [];
  document.body.replaceChildren();
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = function () {
    this.dispatchEvent(new Event("close"));
  };
  vi.stubGlobal("fetch", async (url: string, options: RequestInit = {}) => {
    if (options.method !== "POST") return new Response("", { status: 500 });
    const wish = JSON.parse(String(options.body));
    posted.push([url, wish]);
    return Response.json({ rev: 4, model: "", settings: { parameters: {}, ...wish } });
  });
});

afterEach(() => vi.unstubAllGlobals());

function write(text: string): void {
  const field = document.querySelector("#setting-instructions") as HTMLTextAreaElement;
  field.value = text;
  field.dispatchEvent(new Event("input"));
}

async function leave(begun: Thread): Promise<void> {
  const data = { urls: { threads: "/threads/" }, team: { id: "team" }, models: [] };
  session = { thread: begun, hold: vi.fn(), ...{ data, model: "", presetsRev: 0, chosenModels: new Map() } };
  openSettings(session as unknown as Session);
  write("Answer in rhymes");
  session.thread = thread("other", "Answer in rhymes");
  updateSettings();
  await new Promise((resolve) => setTimeout(resolve));
}

it("keeps what was typed where it was typed, though another conversation is shown by then", async () => {
  await leave(thread("own", ""));

  expect(posted).toEqual([["/threads/own/settings/", { instructions: "Answer in rhymes" }]]);
  expect(session.hold).not.toHaveBeenCalled();
});

it("has nowhere to keep it if nothing was said there", async () => {
  await leave(thread("own", "", true));

  expect(posted).toEqual([]);
});
