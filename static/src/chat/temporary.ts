// A temporary chat is erased when its person goes away from it: to another chat at once, out of the page after a minute,
// because a page that closes cannot tell whether it is loaded anew.
import type { OutboxEntry } from "./outbox";
import type { Thread } from "./store";

const isErasable = (thread: Thread) => thread.temporary && !thread.fresh && !thread.gone;

/** Have the server erase a temporary chat that is being left. A beacon arrives even while the page closes. */
export function sayGoodbye(thread: Thread, isClosing = false): void {
  if (!isErasable(thread)) return;
  const form = new FormData();
  form.set(
    "csrfmiddlewaretoken",
    document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "",
  );
  if (isClosing) form.set("closing", "1");
  navigator.sendBeacon(`/chat/api/threads/${thread.id}/leave/`, form);
}

/** Say that the shown thread is closed when the page is: it closes for good, is loaded anew, or leads elsewhere. */
export function sayGoodbyeAtTheEnd(shown: () => Thread): void {
  addEventListener("pagehide", () => sayGoodbye(shown(), true));
}

/** Tell whether what waits to be sent begins a temporary chat. */
export function isTemporary({ command }: OutboxEntry): boolean {
  return command.type === "message.send" && command.temporary === true;
}
