// What can be done on the page by key or from the palette, each thing once.

import { copyText } from "../../controllers/copy";
import { t } from "../../i18n";
import { openPanel } from "../panels";
import type { Session } from "../session";
import type { Shortcuts } from "../shortcuts";
import { maySayAgain } from "../views/ways_on";

/** What the page does for commands beyond its session. */
export interface Doings {
  readonly session: Session;
  newChat(): void;
  open(threadId: string): void;
  search(): void;
  write(): void;
}

export interface Command {
  readonly label: string;
  readonly icon: string;
  /** The single key that does it, where nobody is typing. */
  readonly key?: string;
  run(): void;
}

/** What can be done now; what would do nothing is left out. */
export function commands(doings: Doings): Command[] {
  return [...always(doings), ...ofTheConversation(doings), ...elsewhere()];
}

/** Keys that other keyboards have only with a second one held down: they go on working where they are near. */
const OF_BEFORE = new Map([
  ["[", "k"],
  ["]", "j"],
]);

export function press(key: string, doings: Doings, shortcuts: Shortcuts): void {
  if (key === "?") showShortcuts(shortcuts);
  else
    commands(doings)
      .find((command) => command.key === (OF_BEFORE.get(key) ?? key))
      ?.run();
}

/**
 * Every key there is, with what it does, whether or not it would do something now. None of them spends money or ends
 * something: somebody who believes to be writing must come to no harm.
 */
export function keys(): (readonly [string, string])[] {
  return [
    ["n", t("New chat")],
    ["s", t("Search conversations")],
    ["c", t("Write a message")],
    ["b", t("Show or hide the conversations")],
    ["k", t("Conversation above")],
    ["j", t("Conversation below")],
    ["y", t("Copy the last reply")],
    ["?", t("These shortcuts")],
  ];
}

export function showShortcuts(shortcuts: Shortcuts): void {
  void openPanel(
    () => import("./shortcut_list"),
    (panel) => panel.open(shortcuts),
  );
}

function always(doings: Doings): Command[] {
  return [
    { label: t("New chat"), icon: "new-chat", key: "n", run: () => doings.newChat() },
    { label: t("Search conversations"), icon: "search", key: "s", run: () => doings.search() },
    { label: t("Write a message"), icon: "edit", key: "c", run: () => doings.write() },
    { label: t("Show or hide the conversations"), icon: "sidebar", key: "b", run: () => toggleSidebar() },
    ...beside(doings),
  ];
}

function beside({ session, open }: Doings): Command[] {
  const { rows } = session.list;
  const here = rows.findIndex(({ thread_id }) => thread_id === session.thread.id);
  const above = rows[here - 1];
  const below = rows[here + 1];
  return [
    ...(here > 0 && above
      ? [{ label: t("Conversation above"), icon: "arrow-up", key: "k", run: () => open(above.thread_id) }]
      : []),
    ...(below
      ? [{ label: t("Conversation below"), icon: "arrow-down", key: "j", run: () => open(below.thread_id) }]
      : []),
  ];
}

function ofTheConversation({ session }: Doings): Command[] {
  const { thread, isBusy } = session;
  const last = thread.path.at(-1);
  const reply = last?.role === "assistant" && !isBusy ? last : undefined;
  const row = session.list.rows.find(({ thread_id }) => thread_id === thread.id);
  const change = (label: string, icon: string, what: { pinned?: boolean; archived?: boolean }): Command => ({
    label,
    icon,
    run: () => void session.list.change([thread.id], what),
  });
  return [
    ...(isBusy ? [{ label: t("Stop the reply"), icon: "stop", run: () => session.stop() }] : []),
    ...(reply && maySayAgain(reply)
      ? [
          {
            label: t("Regenerate the last reply"),
            icon: "refresh",
            run: () => session.regenerate(reply.id, "retry"),
          },
        ]
      : []),
    ...(reply?.content
      ? [{ label: t("Copy the last reply"), icon: "copy", key: "y", run: () => void copyText(reply.content) }]
      : []),
    ...(row && !row.archived
      ? [change(row.pinned ? t("Unpin this conversation") : t("Pin this conversation"), "pin", { pinned: !row.pinned })]
      : []),
    ...(row
      ? [
          change(row.archived ? t("Move back to the list") : t("Archive this conversation"), "archive", {
            archived: !row.archived,
          }),
        ]
      : []),
  ];
}

/** What the account menu offers: it knows where things are, and which of them this person has. */
function elsewhere(): Command[] {
  const items = [...document.querySelectorAll<HTMLElement>(".chat-sidebar-foot [role=menuitem]")];
  return items
    .filter((item) => getComputedStyle(item).display !== "none") // one of the two themes
    .map((item) => ({
      label: (item.textContent ?? "").trim(),
      icon: item.querySelector("use")?.getAttribute("href")?.replace("#icon-", "") ?? "",
      run: () => item.click(),
    }));
}

function toggleSidebar(): void {
  const closer = document.querySelector<HTMLElement>("[data-sidebar-close]");
  const isOpen = closer !== null && !closer.closest("[inert]");
  (isOpen ? closer : document.querySelector<HTMLElement>("[data-sidebar-toggle]"))?.click();
}
