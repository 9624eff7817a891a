// The sidebar's threads, pinned ones first, then newest first. Pure, like the store; `null` where only the server knows the answer.
import { locale, t } from "../i18n";
import type { ServerEvent, Tag } from "../shared/protocol";
import type { ThreadPage, ThreadRow } from "./page_data";

export type ListEvent = Extract<
  ServerEvent,
  { type: "thread.created" | "thread.updated" | "thread.title.updated" | "thread.deleted" }
>;

export function isListEvent(event: ServerEvent): event is ListEvent {
  return event.type.startsWith("thread.") && event.type !== "thread.snapshot";
}

/** The rows after the event, or null when it tells of a thread that must be looked up. They are of one kind: `archived`,
 *  and with the tag `tagId` if one is given. */
export function applyToRows(
  rows: readonly ThreadRow[],
  event: ListEvent,
  archived = false,
  tagId: string | null = null,
): readonly ThreadRow[] | null {
  const has = (tags: readonly Tag[] | null | undefined) => !tagId || tags?.some(({ id }) => id === tagId);
  const { thread_id, rev } = event;
  if (event.type === "thread.deleted") return rows.filter((row) => row.thread_id !== thread_id);
  const row = rows.find((known) => known.thread_id === thread_id);
  if (row && rev < row.rev) return rows;
  if (event.type === "thread.created") {
    if (row?.rev === rev) return rows;
    const { title, model, last_message_at, pinned, archived: isAway } = event;
    const others = rows.filter((known) => known !== row);
    const told = { thread_id, title, model, rev, last_message_at, pinned, archived: isAway, tags: event.tags };
    return isAway === archived && has(event.tags) ? sorted([...others, told]) : others;
  }
  if (!row) {
    if (event.type !== "thread.updated" || event.archived !== archived) return rows;
    if (tagId) return event.tags && !has(event.tags) ? rows : null;
    const oldest = rows.at(-1);
    const at = event.last_message_at;
    const isAbove = event.pinned || (at && (!oldest || Date.parse(at) > Date.parse(oldest.last_message_at)));
    return isAbove ? null : rows;
  }
  const hasLeft = event.type === "thread.updated" && (event.archived === !archived || (event.tags && !has(event.tags)));
  if (hasLeft) return rows.filter((known) => known !== row);
  const changed =
    event.type === "thread.title.updated"
      ? { ...row, rev, title: event.title }
      : {
          ...row,
          rev,
          model: event.model ?? row.model,
          last_message_at: event.last_message_at ?? row.last_message_at,
          pinned: event.pinned ?? row.pinned,
          tags: event.tags ?? row.tags ?? [],
        };
  return sorted(rows.map((known) => (known === row ? changed : known)));
}

/** Tags were made, changed or deleted: a row shows them as they are now. */
export function withTags(rows: readonly ThreadRow[], tags: readonly Tag[]): readonly ThreadRow[] {
  const byId = new Map(tags.map((tag) => [tag.id, tag]));
  return rows.map((row) => ({ ...row, tags: row.tags?.flatMap(({ id }) => byId.get(id) ?? []) ?? [] }));
}

/** Add a page, from either end; what is already listed takes the newer state. */
export function withPage(rows: readonly ThreadRow[], page: ThreadPage): readonly ThreadRow[] {
  const byId = new Map(rows.map((row) => [row.thread_id, row]));
  for (const row of page.threads) {
    const known = byId.get(row.thread_id);
    if (!known || row.rev >= known.rev) byId.set(row.thread_id, row);
  }
  return sorted([...byId.values()]);
}

/** Take the first page: what was known `before` it was asked for and is not on it where it should be has left. */
export function withFirstPage(
  rows: readonly ThreadRow[],
  page: ThreadPage,
  before: readonly ThreadRow[],
): readonly ThreadRow[] {
  const listed = new Set(page.threads.map((row) => row.thread_id));
  const last = page.next ? page.threads.at(-1) : undefined;
  const gone = new Set(before.filter((row) => !listed.has(row.thread_id) && (!last || inOrder(row, last) < 0)));
  return withPage(
    rows.filter((row) => !gone.has(row)),
    page,
  );
}

function sorted(rows: ThreadRow[]): ThreadRow[] {
  return rows.sort(inOrder);
}

/** A date here has milliseconds and the server's order microseconds: what was made at once must not change places. */
function fraction(iso: string): number {
  return Number(/\.\d+/.exec(iso)?.[0] ?? 0);
}

function inOrder(one: ThreadRow, other: ThreadRow): number {
  return (
    Number(other.pinned) - Number(one.pinned) ||
    Date.parse(other.last_message_at) - Date.parse(one.last_message_at) ||
    fraction(other.last_message_at) - fraction(one.last_message_at) ||
    (one.thread_id < other.thread_id ? 1 : -1)
  );
}

export interface Group {
  readonly label: string;
  readonly rows: readonly ThreadRow[];
}

const DAY = 86_400_000;

/** Rows under the headings a person thinks in: pinned, today, yesterday, this week, then months. */
export function grouped(rows: readonly ThreadRow[], now: Date): Group[] {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  const groups = new Map<string, ThreadRow[]>();
  for (const row of rows) {
    const label = row.pinned ? t("Pinned") : labelFor(new Date(row.last_message_at), midnight, now);
    groups.set(label, [...(groups.get(label) ?? []), row]);
  }
  return [...groups].map(([label, members]) => ({ label, rows: members }));
}

function labelFor(at: Date, midnight: number, now: Date): string {
  if (at.getTime() >= midnight) return t("Today");
  if (at.getTime() >= midnight - DAY) return t("Yesterday");
  if (at.getTime() >= midnight - 6 * DAY) return t("This week");
  const isThisYear = at.getFullYear() === now.getFullYear();
  return at.toLocaleDateString(locale(), isThisYear ? { month: "long" } : { month: "long", year: "numeric" });
}
