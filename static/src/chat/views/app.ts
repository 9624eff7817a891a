// Puts the session on the page and the person's doings into the session. The frame itself is in `llm_chat/page.html`.
import { html, nothing, render } from "lit-html";
import { showToast } from "../../controllers/toasts";
import { Announcer } from "../announce";
import type { OutboxEntry } from "../outbox";
import type { PageData } from "../page_data";
import { Follow, keepingPlace } from "../scroll";
import { Session } from "../session";
import { Composer } from "./composer";
import { Drawer } from "./drawer";
import { connectionNotice, header } from "./header";
import { icon } from "./icon";
import { Painter, replyView } from "./live";
import { messages } from "./messages";
import { sidebar } from "./sidebar";
import { emptyState, failedState, loadingState } from "./states";
import { ThreadMenu } from "./thread_menu";

export class App {
  private readonly root = part("chat");
  private readonly column = part("chat-messages");
  private readonly box = part("chat-scroll");
  private readonly follow = new Follow(this.box);
  private readonly announcer = new Announcer(part("chat-announcer"));
  private readonly session: Session;
  private readonly composer: Composer;
  private readonly drawer: Drawer;
  private readonly threadMenu: ThreadMenu;
  private readonly painter: Painter;
  private readonly detailed = new Set<string>();
  private readonly olderInSight: IntersectionObserver;
  private rowsInSight: IntersectionObserver | undefined;
  private frame = 0;
  private shownThread = "";
  private oldestShown: string | undefined;
  private runningTurn: string | null = null;

  constructor(data: PageData) {
    this.session = new Session(data, {
      changed: () => this.request(),
      streamed: () => this.painter.request(),
      returned: (text) => {
        if (this.composer.isEmpty) this.composer.fill(text);
      },
      notice: (text) => showToast(text, "warning"),
    });
    this.painter = new Painter(this.session, () => this.follow.grown());
    this.composer = new Composer(part("chat-composer"), this.session, () => this.toEnd());
    this.drawer = new Drawer(this.root, part("sidebar"), part("main"));
    this.threadMenu = new ThreadMenu(
      this.session.list,
      () => this.request(),
      (id) => id === this.session.thread.id && this.newChat(),
    );
    this.olderInSight = this.nearing(this.box, () => this.session.loadOlder());
  }

  start(): void {
    this.listen();
    this.draw();
    this.session.start();
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
  }

  private listen(): void {
    const { box, follow } = this;
    box.addEventListener("scroll", () => this.onScroll(), { passive: true });
    box.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && follow.letGo(), { passive: true });
    box.addEventListener("touchmove", () => !follow.isAtEnd && follow.letGo(), { passive: true });
    box.addEventListener("keydown", ({ key }) => ["PageUp", "Home", "ArrowUp"].includes(key) && follow.letGo());
    new ResizeObserver(() => follow.grown()).observe(this.column);
    new ResizeObserver(() => follow.grown()).observe(box);
    addEventListener("popstate", () => this.onAddress());
    document.addEventListener("submit", (event) => {
      if ((event.target as Element).matches("[data-sign-out]")) this.session.signOut();
    });
  }

  private request(): void {
    if (document.visibilityState === "hidden") {
      this.cancelFrame();
      queueMicrotask(() => this.draw());
    } else {
      this.frame ||= requestAnimationFrame(() => this.draw());
    }
  }

  private cancelFrame(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private draw(): void {
    this.cancelFrame();
    const { session } = this;
    const isOther = session.thread.id !== this.shownThread;
    this.shownThread = session.thread.id;
    if (isOther) this.detailed.clear();
    const chosen = { open: (id: string) => this.open(id), newChat: () => this.newChat() };
    render(sidebar(session, this.threadMenu, chosen), part("sidebar-list"));
    render(
      header(session, () => this.newChat()),
      part("chat-header"),
    );
    render(this.notices(), part("chat-notices"));
    this.drawColumn(isOther);
    part("chat-composer").hidden = session.loading === "left";
    this.composer.update();
    this.painter.paint();
    this.keepAddress();
    this.tellEnd();
    this.watchEdges();
    if (isOther) this.follow.toEnd();
    else this.follow.grown();
    this.drawJump();
  }

  private drawColumn(isOther: boolean): void {
    const { session } = this;
    const oldest = session.thread.path[0]?.id;
    const grewUpwards = !isOther && oldest !== this.oldestShown && !this.follow.following;
    this.oldestShown = oldest;
    const change = () => render(this.columnTemplate(), this.column);
    if (grewUpwards) keepingPlace(this.box, "[data-message]", change);
    else change();
  }

  private columnTemplate() {
    const { session } = this;
    const { thread } = session;
    if (session.loading === "loading" && thread.path.length === 0) return loadingState();
    if (session.loading !== "ready" && thread.path.length === 0) return failedState(session, () => this.newChat());
    if (thread.gone) return failedState(Object.assign(session, { loading: "missing" }), () => this.newChat());
    if (thread.path.length === 0 && thread.queued.length === 0 && session.pending.length === 0) {
      return emptyState(session, (text) => this.composer.fill(text));
    }
    return messages(session, {
      detailed: this.detailed,
      toggleDetails: (id) => this.toggleDetails(id),
      edit: (entry) => this.edit(entry),
    });
  }

  private notices() {
    const elsewhere = this.session.unsentElsewhere;
    return html`${connectionNotice(this.session)}
      ${elsewhere.map(
        (entry) => html`<p class="chat-notice">${icon("clock")}
          <span class="truncate">Not sent: ${entry.command.type === "message.send" ? entry.command.text : "a new answer"}</span>
          <button class="button button-quiet button-small" @click=${() => this.session.retrySend(entry)}>Send now</button>
          <button class="button button-quiet button-small" @click=${() => this.session.outbox.remove(entry.command.id)}>Discard</button>
        </p>`,
      )}`;
  }

  private drawJump(): void {
    const hidden = this.follow.isAtEnd || this.session.thread.path.length === 0;
    render(
      hidden
        ? nothing
        : html`<button class="button button-secondary button-icon chat-jump" aria-label="Go to the latest message"
            @click=${() => this.toEnd()}>${icon("arrow-down")}${this.session.thread.turn ? html`<span class="jump-dot"></span>` : nothing}</button>`,
      part("chat-jump"),
    );
  }

  private onScroll(): void {
    this.follow.scrolled();
    this.drawJump();
  }

  private watchEdges(): void {
    const older = document.querySelector("[data-older]");
    if (older) this.olderInSight.observe(older);
    const list = document.querySelector(".thread-list");
    const more = list?.querySelector("[data-more-threads]");
    if (!list || !more) return;
    this.rowsInSight ??= this.nearing(list, () => this.session.list.loadMore());
    this.rowsInSight.observe(more);
  }

  /** Load the next page a little before the reader gets to the edge of `root`. */
  private nearing(root: Element, load: () => Promise<void>): IntersectionObserver {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          // Once per page; should the edge still be near after it, drawing observes it anew.
          observer.unobserve(target);
          void load();
        }
      },
      { root, rootMargin: "800px 0px" },
    );
    return observer;
  }

  private toEnd(): void {
    this.session.forgetOld();
    this.draw();
    this.follow.toEnd();
    this.drawJump();
  }

  private open(threadId: string): void {
    this.drawer.chosen();
    if (threadId === this.session.thread.id) return;
    history.pushState(null, "", `${this.session.data.urls.home}${threadId}/`);
    this.session.open(threadId);
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
  }

  private newChat(): void {
    this.drawer.chosen();
    const { home } = this.session.data.urls;
    if (this.session.loading === "left") {
      location.assign(home); // a team that is still theirs is shown there
      return;
    }
    if (location.pathname !== home) history.pushState(null, "", home);
    if (!this.session.thread.fresh || this.session.pending.length > 0) this.session.newChat();
    this.composer.focus();
  }

  private onAddress(): void {
    const { home } = this.session.data.urls;
    const threadId = location.pathname.slice(home.length).replace(/\/$/, "");
    if (threadId) this.session.open(threadId);
    else this.session.newChat();
  }

  /** A new chat gets its address once the server has it; the title follows the thread. */
  private keepAddress(): void {
    const { thread, data } = this.session;
    const address = `${data.urls.home}${thread.id}/`;
    if (!thread.fresh && location.pathname === data.urls.home) history.pushState(null, "", address);
    document.title = thread.fresh || !thread.title ? data.site_name : `${thread.title} · ${data.site_name}`;
  }

  /** Once a reply has settled, say so, and what it says. */
  private tellEnd(): void {
    const { thread } = this.session;
    const running = thread.turn?.turn_id ?? null;
    const ended = this.runningTurn;
    if (running && running !== ended) this.announcer.say("Replying.");
    if (ended && ended !== running && thread.ended.includes(ended)) {
      const last = thread.path.at(-1);
      const words = last && (last.error?.message ?? replyView(last.id)?.plainText);
      if (last?.role === "assistant" && words) this.announcer.say(words);
    }
    this.runningTurn = running;
  }

  private toggleDetails(messageId: string): void {
    if (!this.detailed.delete(messageId)) this.detailed.add(messageId);
    this.request();
  }

  private edit(entry: OutboxEntry): void {
    if (entry.command.type !== "message.send") return;
    this.session.outbox.remove(entry.command.id);
    this.composer.fill(entry.command.text);
  }
}

function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element;
}
