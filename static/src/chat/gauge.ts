// Watches whether a thread comes near what its model is told. What asks the server and shows it is loaded only then.
import type { ContextValue } from "./panels/context";
import type { Session } from "./session";
import type { Thread } from "./store";

type Shown = typeof import("./panels/context");

/** There is something to say from this share of the budget on. */
const FROM = 0.5;
const LETTERS_PER_TOKEN = 4;

export class Gauge {
  value: ContextValue | null = null;
  shown: Shown | null = null;
  private asked = "";
  private threadId = "";

  constructor(
    private readonly session: Session,
    private readonly changed: () => void,
  ) {}

  /** Follow the shown thread; called whenever the page is drawn. */
  update(): void {
    const { thread, model } = this.session;
    if (thread.id !== this.threadId) {
      this.threadId = thread.id;
      this.value = null;
    }
    if (thread.fresh || thread.turn) return;
    const { settings, summaryUpTo, path } = thread;
    const asked = JSON.stringify([thread.id, model, settings, summaryUpTo, path.at(-1)?.id, path.at(-1)?.status]);
    if (asked === this.asked) return;
    this.asked = asked;
    const budget = this.session.data.models.find((option) => option.id === model)?.budget ?? 0;
    if (isNear(thread, budget)) void this.load(asked, thread.id, model);
    else this.value = null;
  }

  private async load(asked: string, threadId: string, model: string): Promise<void> {
    try {
      const shown = await import("./panels/context");
      const value = await shown.askContext(this.session.data.urls.threads, threadId, model);
      if (asked !== this.asked) return;
      this.shown = shown;
      this.value = value;
      this.changed();
    } catch {
      this.asked = ""; // it is asked again with the next change of the page
    }
  }
}

function isNear(thread: Thread, budget: number): boolean {
  if (thread.summaryUpTo || thread.older) return true;
  const letters = thread.path.reduce(
    (sum, message) => sum + message.content.length,
    thread.settings.instructions.length,
  );
  return letters / LETTERS_PER_TOKEN > budget * FROM;
}
