// Who draws the page hears of it here.
import type { Returned } from "./stops";

export interface SessionListener {
  /** Something but the text of the running reply changed. */
  changed(): void;
  /** The running reply of the shown thread grew. */
  streamed(): void;
  /** A queued message was taken back here; its text and files are free again. */
  returned(message: Returned): void;
  /** Something to tell the person that belongs to no message. */
  notice(text: string): void;
}
