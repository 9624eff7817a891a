// Finding and sorting conversations: search, landing on a message, selecting several, tags. All of it is loaded when asked for.
import type { ThreadRow } from "../page_data";
import { openPanel } from "../panels";
import type { Landing } from "../panels/landing";
import type { Selection } from "../panels/selection";
import type { Follow } from "../scroll";
import type { Session } from "../session";

interface Host {
  open(threadId: string): void;
  newChat(): void;
  changed(): void;
}

export class Finding {
  selection: Selection | undefined;
  private landing: Landing | undefined;

  constructor(
    private readonly session: Session,
    private readonly box: HTMLElement,
    private readonly follow: Follow,
    private readonly host: Host,
  ) {}

  /** A message is looked for, wherever it stands. */
  get isOnTheWay(): boolean {
    return this.landing?.isAiming ?? false;
  }

  /** The page was drawn. True as long as the way to a message is not at its end. */
  drawn(): boolean {
    return this.landing?.drawn() ?? false;
  }

  search(): void {
    const { session } = this;
    const open = (threadId: string, messageId: string | null, words: string[]) => {
      if (!messageId) return this.host.open(threadId);
      history.pushState(null, "", `${session.data.urls.home}${threadId}/?message=${messageId}`);
      if (threadId !== session.thread.id) session.open(threadId);
      this.landOn(threadId, messageId, words);
    };
    void openPanel(
      () => import("../panels/search"),
      (panel) => panel.open(session, { open }),
    );
  }

  select(threadId: string, step = 0): void {
    const { session, host } = this;
    void openPanel(
      () => import("../panels/selection"),
      ({ Selection }) => {
        this.selection ??= new Selection(session.list, {
          changed: () => host.changed(),
          deleted: (ids) => ids.includes(session.thread.id) && host.newChat(),
          tags: (rows) => this.tags(rows),
        });
        this.selection.pick(threadId, step);
      },
    );
  }

  /** Put tags on these threads; with none, choose one to see its threads. */
  tags(rows: readonly ThreadRow[]): void {
    void openPanel(
      () => import("../panels/tags"),
      (panel) => panel.open(this.session, rows),
    );
  }

  /** An address may name a message of its thread. */
  landAsAddressed(): void {
    const messageId = new URLSearchParams(location.search).get("message");
    if (messageId && !this.session.thread.fresh) this.landOn(this.session.thread.id, messageId);
  }

  private landOn(threadId: string, messageId: string, words: string[] = []): void {
    void openPanel(
      () => import("../panels/landing"),
      ({ Landing }) => {
        this.landing ??= new Landing(this.session, this.box, this.follow);
        this.landing.aim(threadId, messageId, words);
        this.host.changed();
      },
    );
  }
}
