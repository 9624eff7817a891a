// Puts the session on the page and the person's doings into the session. The frame itself is in `llm_chat/page.html`.

import { html, nothing, render } from "lit-html";
import { showToast } from "../../controllers/toasts";
import { t } from "../../i18n";
import { Announcer } from "../announce";
import { beside, Edits, editedBy } from "../edits";
import { Gauge } from "../gauge";
import { loadMarkdown, rehearse } from "../markdown/lazy";
import { Opening } from "../opening";
import type { OutboxEntry } from "../outbox";
import type { PageData } from "../page_data";
import { pause } from "../pause";
import { Follow, keepingPlace } from "../scroll";
import { Session } from "../session";
import { Shortcuts } from "../shortcuts";
import { sayGoodbyeAtTheEnd } from "../temporary";
import { Composer } from "./composer";
import { Drawer } from "./drawer";
import { Finding } from "./finding";
import { header } from "./header";
import { icon } from "./icon";
import { Painter, replyView } from "./live";
import { messages } from "./messages";
import { notices } from "./notices";
import { followSettings } from "./settings_button";
import { showRow, sidebar } from "./sidebar";
import { emptyState, failedState, loadingState } from "./states";
import { ThreadMenu } from "./thread_menu";
import { writeTimes } from "./time";
import { Versions } from "./versions";

const OPENS = "summary, .code-unfold";

export class App {
  private readonly root = part("chat");
  private readonly column = part("chat-messages");
  private readonly box = part("chat-scroll");
  private readonly follow = new Follow(this.box);
  private readonly opening = new Opening(this.box, () => this.drawMore());
  private readonly announcer = new Announcer(part("chat-announcer"));
  private readonly session: Session;
  private readonly gauge: Gauge;
  private readonly composer: Composer;
  private readonly drawer: Drawer;
  private readonly threadMenu: ThreadMenu;
  private readonly painter: Painter;
  private readonly versions: Versions;
  private readonly edits: Edits;
  private readonly detailed = new Set<string>();
  private readonly olderInSight: IntersectionObserver;
  private readonly newerInSight: IntersectionObserver;
  private rowsInSight: IntersectionObserver | undefined;
  private readonly finding: Finding;
  private frame = 0;
  private isSidebarDue = false;
  private rowOf = "";
  private shownThread = "";
  private oldestShown: string | undefined;
  private runningTurn: string | null = null;

  constructor(data: PageData) {
    this.session = new Session(data, {
      changed: () => this.request(),
      streamed: () => this.painter.request(),
      returned: ({ content, attachments }) => {
        if (this.composer.isEmpty) this.composer.fill(content, attachments);
      },
      notice: (text) => showToast(text, "warning"),
    });
    this.gauge = new Gauge(this.session, () => this.request());
    this.painter = new Painter(this.session, () => this.follow.grown());
    this.composer = new Composer(
      part("chat-composer"),
      this.session,
      () => this.toEnd(),
      () => this.newChat(),
    );
    this.drawer = new Drawer(this.root, part("sidebar"), part("main"));
    this.threadMenu = new ThreadMenu(
      this.session.list,
      () => this.request(),
      (id) => id === this.session.thread.id && this.newChat(),
      { tags: (rows) => this.finding.tags(rows), select: (id) => this.finding.select(id) },
    );
    this.versions = new Versions(this.session, this.box, this.follow, this.announcer, () => this.draw());
    this.edits = new Edits(this.session.storage, {
      maxText: data.limits.max_text,
      changed: () => this.draw(),
      resend: (message, text) => this.session.send(text, beside(message), message.attachments),
      closed: (message, wasSent) => this.editClosed(message.id, wasSent),
    });
    this.finding = new Finding(this.session, this.box, this.follow, {
      open: (id) => this.open(id),
      newChat: () => this.newChat(),
      changed: () => this.request(),
    });
    this.olderInSight = this.nearing(this.box, () => this.session.reading.loadOlder());
    this.newerInSight = this.nearing(this.box, () => this.session.reading.loadNewer());
  }

  /** In short tasks. A page that opens with replies is drawn when they can be set; an empty one at once. */
  async start(): Promise<void> {
    const scripts = loadMarkdown().catch(() => undefined);
    this.listen();
    this.drawFrame();
    if (this.session.thread.path.length > 0) {
      await scripts;
      await pause();
      rehearse();
    }
    await pause();
    this.draw();
    this.finding.landAsAddressed();
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
    await pause();
    this.session.start();
    await this.opening.full;
    await pause();
    writeTimes();
    await pause();
    this.isSidebarDue = true;
    this.draw();
  }

  private listen(): void {
    const { box, follow } = this;
    box.addEventListener("scroll", () => this.onScroll(), { passive: true });
    box.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && follow.letGo(), { passive: true });
    box.addEventListener("touchmove", () => !follow.isAtEnd && follow.letGo(), { passive: true });
    box.addEventListener("keydown", ({ key }) => ["PageUp", "Home", "ArrowUp"].includes(key) && follow.letGo());
    // What is opened grows downwards from the press: its beginning is what the reader wants to see.
    this.column.addEventListener("click", ({ target }) => (target as Element).closest(OPENS) && follow.letGo(), true);
    new ResizeObserver(() => follow.grown()).observe(this.column);
    new ResizeObserver(() => follow.grown()).observe(box);
    addEventListener("popstate", () => this.onAddress());
    sayGoodbyeAtTheEnd(() => this.session.thread);
    new Shortcuts({
      session: this.session,
      newChat: () => this.newChat(),
      open: (id) => this.open(id),
      search: () => this.search(),
      write: () => this.composer.focus(),
    });
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
    this.follow.held = session.reading.excerpt !== null;
    this.drawFrame();
    this.opening.follow(session.shown, session.reading.excerpt !== null || this.finding.isOnTheWay);
    this.drawColumn(isOther);
    this.painter.paint();
    this.gauge.update();
    followSettings();
    this.keepAddress();
    this.tellEnd();
    this.watchEdges();
    this.opening.drawn();
    if (this.finding.drawn()) this.follow.letGo();
    else if (isOther) this.follow.toEnd();
    else this.follow.grown();
    this.drawJump();
  }

  private drawFrame(): void {
    const { session } = this;
    if (this.isSidebarDue) this.drawSidebar();
    document.body.toggleAttribute("data-cut-off", session.connection.isLost);
    render(
      header(session, this.gauge, () => this.newChat()),
      part("chat-header"),
    );
    render(
      notices(session, { toEnd: () => this.toEnd(), showVersion: (id) => this.versions.show(id) }),
      part("chat-notices"),
    );
    part("chat-composer").hidden = session.loading === "left";
    this.composer.update();
  }

  private drawSidebar(): void {
    const { session } = this;
    const chosen = {
      open: (id: string) => this.open(id),
      newChat: () => this.newChat(),
      search: () => this.search(),
      select: (id: string, step?: number) => this.finding.select(id, step),
      tags: () => this.finding.tags([]),
    };
    const list = part("sidebar-list");
    render(sidebar(session, this.threadMenu, chosen, this.finding.selection), list);
    if (session.thread.id !== this.rowOf) showRow(list);
    this.rowOf = session.thread.id;
  }

  private drawColumn(isOther: boolean): void {
    const { session } = this;
    const oldest = session.shown.path[this.opening.withheld]?.id;
    const grewUpwards = !isOther && oldest !== this.oldestShown && !this.follow.following;
    this.oldestShown = oldest;
    const change = () => render(this.columnTemplate(), this.column);
    if (grewUpwards) keepingPlace(this.box, "[data-message]", change);
    else change();
  }

  private drawMore(): void {
    this.drawColumn(false);
    this.watchEdges();
    this.follow.grown();
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
      withheld: this.opening.withheld,
      gauge: this.gauge,
      detailed: this.detailed,
      toggleDetails: (id) => this.toggleDetails(id),
      edit: (entry) => this.edit(entry),
      versions: this.versions,
      edits: this.edits,
      fork: (id) => void this.fork(id),
    });
  }

  private drawJump(): void {
    const isAtEnd = this.follow.isAtEnd && !this.session.reading.excerpt;
    const hidden = isAtEnd || this.session.thread.path.length === 0;
    render(
      hidden
        ? nothing
        : html`<button class="button button-secondary button-icon chat-jump" aria-label=${t("Go to the latest message")}
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
    const newer = document.querySelector("[data-newer]");
    if (newer) this.newerInSight.observe(newer);
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
    this.session.reading.leave();
    if (new URLSearchParams(location.search).has("message")) history.replaceState(null, "", location.pathname);
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

  private search(): void {
    this.drawer.chosen();
    this.finding.search();
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
    if (!threadId) this.session.newChat();
    else if (threadId !== this.session.thread.id) this.session.open(threadId);
    this.finding.landAsAddressed();
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
    if (running && running !== ended) this.announcer.say(t("Replying."));
    if (ended && ended !== running && thread.ended.includes(ended)) {
      const last = thread.path.at(-1);
      const words = last && (last.error?.message ?? replyView(last.id)?.plainText);
      if (last?.role === "assistant" && words) this.announcer.say(words);
    }
    this.runningTurn = running;
  }

  private editClosed(messageId: string, wasSent: boolean): void {
    this.draw();
    if (!wasSent)
      document.querySelector<HTMLElement>(`[data-message="${CSS.escape(messageId)}"] [aria-label="Edit"]`)?.focus();
    else if (matchMedia("(pointer: fine)").matches) this.composer.focus();
    if (wasSent) this.toEnd();
  }

  private async fork(messageId: string): Promise<void> {
    const id = await this.session.branches.fork(messageId);
    if (id) this.open(id);
  }

  private toggleDetails(messageId: string): void {
    if (!this.detailed.delete(messageId)) this.detailed.add(messageId);
    this.request();
  }

  /** Have what was not sent changed where it was written: in the composer, or in place of the message it is a version of. */
  private edit(entry: OutboxEntry): void {
    if (entry.command.type !== "message.send") return;
    const { id, text } = entry.command;
    this.session.outbox.remove(id);
    const edited = editedBy(entry.command, this.session.thread);
    if (edited) this.edits.begin(edited, text);
    else this.composer.fill(text, entry.files);
  }
}

function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no #${id}.`);
  return element;
}
