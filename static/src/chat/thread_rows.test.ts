import { describe, expect, it } from "vitest";
import type { ThreadRow } from "./page_data";
import { applyToRows, grouped, isListEvent, withPage } from "./thread_rows";

function row(thread_id: string, day: number, change: Partial<ThreadRow> = {}): ThreadRow {
  const last_message_at = `2026-11-${String(day).padStart(2, "0")}T10:00:00+00:00`;
  return { thread_id, title: thread_id, model: "", rev: 1, last_message_at, ...change };
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
    } as const;
    const after = applyToRows(rows, event) ?? [];

    expect(names(after)).toEqual(["d", "c", "b", "a"]);
    expect(applyToRows(after, event)).toBe(after);
  });

  it("moves a thread up when something is said in it", () => {
    const event = {
      type: "thread.updated",
      team_id: null,
      thread_id: "a",
      rev: 2,
      model: null,
      last_message_at: "2026-11-21T10:00:00Z",
    } as const;

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
    const event = {
      type: "thread.updated",
      team_id: null,
      thread_id: "z",
      rev: 9,
      model: null,
      last_message_at: "2026-11-21T10:00:00Z",
    } as const;

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

  it("is not moved by snapshots", () => {
    expect(
      isListEvent({
        type: "thread.snapshot",
        thread_id: "a",
        rev: 1,
        title: "",
        model: "",
        messages: [],
        reset: false,
        turn: null,
        queued: [],
      }),
    ).toBe(false);
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
