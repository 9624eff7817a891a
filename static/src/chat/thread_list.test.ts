import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ThreadPage, ThreadRow } from "./page_data";
import { row as sample } from "./samples";
import { ThreadList } from "./thread_list";

const urls = { threads: "/threads/", change_threads: "/threads/change/" };
const row = (thread_id: string, day: number): ThreadRow =>
  sample(thread_id, { title: thread_id, last_message_at: `2026-11-${day}T10:00:00Z` });

let answers: Map<string, (page: ThreadPage | null) => void>;
let notices: string[];
let list: ThreadList;

beforeEach(() => {
  answers = new Map();
  notices = [];
  const listener = { changed: () => undefined, notice: (text: string) => notices.push(text) };
  list = new ThreadList(urls, "otters", { threads: [row("b", 20)], next: "b" }, listener);
  vi.stubGlobal("fetch", (url: string) => {
    return new Promise((resolve) => {
      answers.set(url, (page) => resolve(page ? Response.json(page) : new Response("", { status: 500 })));
    });
  });
});

afterEach(() => vi.unstubAllGlobals());

const names = () => list.rows.map(({ thread_id }) => thread_id);

it("keeps an older page that arrives while the newest threads are asked for", async () => {
  const both = [list.refresh(), list.loadMore()];
  answers.get("/threads/?team=otters&before=b")?.({ threads: [row("a", 10)], next: null });
  await both[1];
  answers.get("/threads/?team=otters")?.({ threads: [row("c", 21), row("b", 20)], next: "b" });
  await both[0];

  expect(names()).toEqual(["c", "b", "a"]);
  expect(list.next).toBeNull();
});

it("asks for one page at a time", async () => {
  const first = list.loadMore();
  await list.loadMore();
  answers.get("/threads/?team=otters&before=b")?.({ threads: [row("a", 10)], next: null });
  await first;

  expect(names()).toEqual(["b", "a"]);
});

it("says so when a page cannot be had, and can be asked again", async () => {
  const asked = list.loadMore();
  answers.get("/threads/?team=otters&before=b")?.(null);
  await asked;

  expect(notices).toHaveLength(1);
  expect(list.next).toBe("b");
});
