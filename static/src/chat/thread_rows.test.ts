import { describe, expect, it } from "vitest";
import type { ThreadRow } from "./page_data";
import { row as sample, snapshot, threadUpdated } from "./samples";
import { applyToRows, grouped, isListEvent, type ListEvent, withFirstPage, withPage, withTags } from "./thread_rows";

function row(thread_id: string, day: number, change: Partial<ThreadRow> = {}): ThreadRow {
  const last_message_at = `2026-11-${String(day).padStart(2, "0")}T10:00:00+00:00`;
  return sample(thread_id, { title: thread_id, last_message_at, ...change });
}

function told(thread_id: string, rev: number) {
  const last_message_at = thread_id === "a" ? "2026-11-10T10:00:00Z" : "2026-11-15T10:00:00Z";
  return threadUpdated(thread_id, rev, { last_message_at, pinned: false, archived: false });
}

const rows = [row("c", 20), row("b", 15), row("a", 10)];
const names = (its: readonly ThreadRow[] | null) => its?.map(({ thread_id }) => thread_id);

describe("the list of threads", () => {
  it("puts a new thread first, once", () => {
    const event = {
      type: "thread.created",
      team_id: "otters",
      thread_id: "d",
      rev: 1,
      title: "",
      model: "",
      last_message_at: "2026-11-21T10:00:00Z",
      pinned: false,
      archived: false,
      tags: [],
    } satisfies ListEvent;
    const after = applyToRows(rows, event) ?? [];

    expect(names(after)).toEqual(["d", "c", "b", "a"]);
    expect(applyToRows(after, event)).toBe(after);
  });

  it("moves a thread up when something is said in it", () => {
    const event = threadUpdated("a", 2, { last_message_at: "2026-11-21T10:00:00Z", pinned: false, archived: false });

    expect(names(applyToRows(rows, event))).toEqual(["a", "c", "b"]);
  });

  it("ignores what is older than the row", () => {
    const event = { type: "thread.title.updated", thread_id: "a", rev: 0, title: "old" } as const;

    expect(applyToRows(rows, event)).toBe(rows);
  });

  it("takes a new title", () => {
    const event = { type: "thread.title.updated", thread_id: "b", rev: 2, title: "Lisbon" } as const;

    expect(applyToRows(rows, event)?.[1]?.title).toBe("Lisbon");
  });

  it("drops a deleted thread", () => {
    expect(names(applyToRows(rows, { type: "thread.deleted", thread_id: "b", rev: 2 }))).toEqual(["c", "a"]);
  });

  it("must look up an old thread that comes alive", () => {
    const event = threadUpdated("z", 9, { last_message_at: "2026-11-21T10:00:00Z", pinned: false, archived: false });

    expect(applyToRows(rows, event)).toBeNull();
  });

  it("does not mind a thread beyond the last page", () => {
    const event = { type: "thread.title.updated", thread_id: "z", rev: 9, title: "x" } as const;

    expect(applyToRows(rows, event)).toBe(rows);
  });

  it("joins pages without doubles and keeps the newer state", () => {
    const page = { threads: [row("a", 10, { title: "stale", rev: 0 }), row("z", 5)], next: null };

    expect(withPage(rows, page).map(({ title }) => title)).toEqual(["c", "b", "a", "z"]);
  });

  it("keeps pinned threads on top, under a heading of their own", () => {
    const after = applyToRows(rows, { ...told("a", 2), pinned: true }) ?? [];

    expect(names(after)).toEqual(["a", "c", "b"]);
    expect(grouped(after, new Date("2026-11-21T12:00:00"))[0]).toMatchObject({
      label: "Pinned",
      rows: [{ thread_id: "a" }],
    });
    expect(names(applyToRows(after, { ...told("a", 3), pinned: false }))).toEqual(["c", "b", "a"]);
  });

  it("lets go of what is archived, and takes what comes back", () => {
    const after = applyToRows(rows, { ...told("b", 2), archived: true }) ?? [];

    expect(names(after)).toEqual(["c", "a"]);
    expect(applyToRows(after, { ...told("b", 3), archived: true })).toBe(after);
    expect(applyToRows(after, { ...told("b", 3), pinned: true })).toBeNull();
    expect(applyToRows([], { ...told("b", 2), archived: true }, true)).toBeNull();
  });

  it("takes a thread that is told anew as it is now", () => {
    const { thread_id, rev } = told("b", 4);
    const now = { thread_id, rev, pinned: false, archived: false };
    const event = {
      ...now,
      type: "thread.created",
      team_id: "otters",
      title: "Back",
      model: "",
      tags: [],
    } satisfies Partial<ListEvent>;

    expect(applyToRows(rows, { ...event, last_message_at: "2026-11-15T10:00:00+00:00" })?.[1]?.title).toBe("Back");
  });

  it("loses what the first page should show and does not", () => {
    const page = { threads: [row("d", 21), row("b", 15)], next: "b" };

    expect(names(withFirstPage(rows, page, rows))).toEqual(["d", "b", "a"]);
    expect(names(withFirstPage(rows, { ...page, next: null }, rows))).toEqual(["d", "b"]);
    expect(names(withFirstPage([row("e", 22), ...rows], page, rows))).toEqual(["e", "d", "b", "a"]);
  });

  it("keeps what was made at once in the server's order", () => {
    const at = (id: string, micro: string) => row(id, 0, { last_message_at: `2026-11-10T10:00:00.${micro}+00:00` });
    const page = { threads: [at("a", "123900"), at("c", "123456"), at("b", "1234")], next: null };
    expect(names(withFirstPage(page.threads, page, page.threads))).toEqual(["a", "c", "b"]);
  });

  it("is not moved by snapshots", () => {
    expect(isListEvent(snapshot(1))).toBe(false);
  });

  it("has the headings a person thinks in", () => {
    const all = [
      row("t", 21),
      row("y", 20),
      row("w", 16),
      row("m", 3),
      row("o", 1, { last_message_at: "2025-10-01T10:00:00Z" }),
    ];
    const groups = grouped(all, new Date("2026-11-21T12:00:00"));

    expect(groups.map(({ label }) => label)).toEqual(["Today", "Yesterday", "This week", "November", "October 2025"]);
  });
});

describe("tags", () => {
  const work = { id: "w", name: "work", colour: "accent" };
  const home = { id: "h", name: "home", colour: "danger" };
  const rows = [sample("b", { tags: [work, home] }), sample("a", { tags: [home] })];

  it("are shown as they are named now, and not at all once they are deleted", () => {
    const after = withTags(rows, [{ ...work, name: "Work" }]);

    expect(after.map(({ tags }) => tags?.map(({ name }) => name))).toEqual([["Work"], []]);
  });

  it("are changed by an event that names them, and by no other", () => {
    const tagged = applyToRows(rows, threadUpdated("a", 2, { archived: false, tags: [work] })) ?? [];
    const untouched = applyToRows(tagged, threadUpdated("a", 3, { archived: false })) ?? [];

    expect(untouched.find(({ thread_id }) => thread_id === "a")?.tags).toEqual([work]);
  });

  it("decide what is in a list of one tag", () => {
    const change = (id: string, tags: (typeof work)[] | null) =>
      applyToRows(rows, threadUpdated(id, 2, { archived: false, tags }), false, "h")?.map((one) => one.thread_id);

    expect(change("a", [work])).toEqual(["b"]);
    expect(change("a", null)).toEqual(["b", "a"]);
    expect(change("z", [work])).toEqual(["b", "a"]);
    expect(change("z", [home])).toBeUndefined();
    expect(change("z", null)).toBeUndefined();
  });
});
