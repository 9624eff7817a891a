// Turning to another branch of a thread, and beginning a new thread from a point of this one.
import { t } from "../i18n";
import { HttpError, postJson } from "../shared/http";
import { newId } from "../shared/ids";
import type { History, PageData } from "./page_data";
import type { Thread } from "./store";

interface Host {
  readonly data: PageData;
  readonly thread: Thread;
  fill(threadId: string, history: History): void;
  reload(threadId: string): void;
}

interface Listener {
  notice(text: string): void;
}

export class Branches {
  private turning: string | null = null;

  constructor(
    private readonly host: Host,
    private readonly listener: Listener,
  ) {}

  /** Whether the answer to a choice in this thread is awaited; it holds all that loading the thread anew would bring. */
  isTurning(threadId: string): boolean {
    return this.turning === threadId;
  }

  /** Show the branch of a message, here and in every tab. False if that could not be done. */
  async choose(messageId: string): Promise<boolean> {
    const { id } = this.host.thread;
    if (this.turning) return false;
    this.turning = id;
    try {
      const history = await postJson<History>(this.address(id, "branch"), { message_id: messageId });
      this.turning = null;
      this.host.fill(id, history);
      return this.host.thread.id === id;
    } catch (error) {
      this.turning = null;
      this.listener.notice(told(error, t("The other version could not be loaded. Try again in a moment.")));
      this.host.reload(id); // the choice may have been stored all the same
      return false;
    }
  }

  /** Begin a thread with what was said up to a message; return its id. */
  async fork(messageId: string): Promise<string | null> {
    const id = newId();
    try {
      await postJson(this.address(this.host.thread.id, "fork"), { message_id: messageId, id });
      return id;
    } catch (error) {
      this.listener.notice(told(error, t("The new conversation could not be made. Try again in a moment.")));
      return null;
    }
  }

  private address(threadId: string, what: string): string {
    return `${this.host.data.urls.threads}${threadId}/${what}/`;
  }
}

function told(error: unknown, otherwise: string): string {
  return (error instanceof HttpError && error.status < 500 && error.message) || otherwise;
}
