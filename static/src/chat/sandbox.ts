// A frame from `/sandbox/` in this page: foreign script runs in it, and only it and we hold the ends of its port.
import { newId } from "../shared/ids";
import { READY, type Ready } from "../shared/sandbox_messages";

const SECONDS_TO_START = 20;

export class SandboxFrame<To, From> {
  readonly element = document.createElement("iframe");
  private readonly nonce = newId();
  private port: MessagePort | undefined;
  private waiting: To[] = [];
  private readonly patience: ReturnType<typeof setTimeout>;

  constructor(
    name: "artifact" | "diagram",
    title: string,
    private readonly hear: (said: From) => void,
    failed: () => void,
  ) {
    const { element } = this;
    element.className = "sandbox-frame";
    element.title = title;
    element.setAttribute("sandbox", "allow-scripts");
    element.referrerPolicy = "no-referrer";
    element.src = `/sandbox/${name}/#${this.nonce}`;
    addEventListener("message", this.greeted);
    this.patience = setTimeout(() => {
      this.close();
      failed();
    }, SECONDS_TO_START * 1000);
  }

  say(message: To): void {
    if (this.port) this.port.postMessage(message);
    else this.waiting.push(message);
  }

  close(): void {
    clearTimeout(this.patience);
    removeEventListener("message", this.greeted);
    this.port?.close();
    this.element.remove();
  }

  /** The first word of the frame. Whatever else arrives, from whomever, is nobody's business here. */
  private readonly greeted = (event: MessageEvent<unknown>): void => {
    const isOurs = event.source !== null && event.source === this.element.contentWindow && event.origin === "null";
    const port = event.ports[0];
    if (!isOurs || !port || !isReady(event.data) || event.data.nonce !== this.nonce) return;
    removeEventListener("message", this.greeted);
    clearTimeout(this.patience);
    this.port = port;
    port.onmessage = ({ data }: MessageEvent<From>) => this.hear(data);
    for (const message of this.waiting.splice(0)) port.postMessage(message);
  };
}

function isReady(data: unknown): data is Ready {
  return typeof data === "object" && data !== null && "type" in data && data.type === READY && "nonce" in data;
}
