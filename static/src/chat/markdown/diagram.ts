// A mermaid block as a picture: drawn in a frame of `/sandbox/`, its source a press away. What fails stays a source.
import { t } from "../../i18n";
import type { DiagramColours, FromDiagram, ToDiagram } from "../../shared/sandbox_messages";
import { SandboxFrame } from "../sandbox";
import { keepingRead } from "../scroll";
import { wordButton } from "./buttons";
import { save } from "./files";

const SECONDS_TO_DRAW = 15;
/** Smaller than this share of its size nothing in a diagram can be read: then it scrolls. */
const LEAST_SCALE = 0.6;
const MOST_HEIGHT = 2_400;

export class DiagramView {
  private readonly box = document.createElement("div");
  private readonly note = document.createElement("p");
  private readonly toggle = wordButton("code", t("Source"), () => this.showSource(this.pre.hidden !== false));
  private readonly saveSvg = wordButton("download", "SVG", () => save(this.svg, "diagram.svg", "image/svg+xml"));
  private readonly savePng = wordButton("download", "PNG", () => this.frame?.say({ type: "picture" }));
  private frame: SandboxFrame<ToDiagram, FromDiagram> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private source = "";
  private svg = "";

  constructor(
    private readonly block: HTMLElement,
    private readonly pre: HTMLElement,
    private readonly tools: HTMLElement,
  ) {
    this.box.className = "diagram-box";
    this.box.tabIndex = 0;
    this.note.className = "diagram-note";
    this.saveSvg.setAttribute("aria-label", t("Download as SVG"));
    this.savePng.setAttribute("aria-label", t("Download as PNG"));
    for (const button of [this.saveSvg, this.savePng]) button.classList.add("diagram-save");
    const themes = new MutationObserver(() => (this.block.isConnected ? this.draw() : themes.disconnect()));
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  }

  update(source: string): void {
    if (source === this.source) return;
    this.source = source;
    this.draw();
  }

  private draw(): void {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.fail(t("This diagram took too long to draw.")), SECONDS_TO_DRAW * 1000);
    if (!this.frame) {
      this.frame = new SandboxFrame(
        "diagram",
        t("Diagram"),
        (said) => this.hear(said),
        () => this.fail(t("This diagram could not be drawn just now.")),
      );
      this.frame.element.classList.add("diagram-frame");
      this.box.replaceChildren(this.frame.element);
      this.box.classList.add("diagram-waiting");
      this.pre.before(this.box);
    }
    this.frame.say({ type: "draw", source: this.source, dark: isDark(), colours: coloursOf(this.block) });
  }

  private hear(said: FromDiagram): void {
    switch (said.type) {
      case "drawn":
        this.show(said);
        return;
      case "failed":
        this.fail(sentence(said.reason));
        return;
      case "picture":
        if (said.png) save(said.png, "diagram.png", "image/png");
        else this.tell(t("This browser cannot save the diagram as PNG. Save it as SVG instead."));
        return;
    }
  }

  private show({ width, height, svg, title }: FromDiagram & { type: "drawn" }): void {
    clearTimeout(this.patience);
    if (!this.frame || !(width > 0) || !(height > 0)) return;
    const { element } = this.frame;
    const natural = Math.min(width, (width * MOST_HEIGHT) / height);
    this.svg = isPlainDrawing(svg) ? svg : "";
    const isFirst = !this.toggle.isConnected;
    keepingRead(this.block, () => {
      element.style.width = `min(100%, ${natural}px)`;
      element.style.minWidth = `${Math.round(natural * LEAST_SCALE)}px`;
      element.style.aspectRatio = `${width} / ${height}`;
      this.note.remove();
      if (isFirst) this.showSource(false);
    });
    element.title = title ? t("Diagram: %(title)s", { title }) : t("Diagram");
    this.tools.prepend(this.toggle, ...(this.svg ? [this.saveSvg] : []), this.savePng);
  }

  private fail(words: string): void {
    clearTimeout(this.patience);
    this.frame?.close();
    this.frame = undefined;
    keepingRead(this.block, () => {
      this.box.remove();
      this.pre.hidden = false;
      this.tell(words);
    });
    for (const button of [this.toggle, this.saveSvg, this.savePng]) button.remove();
  }

  private tell(words: string): void {
    this.note.textContent = words;
    this.pre.before(this.note);
  }

  private showSource(shown: boolean): void {
    this.pre.hidden = !shown;
    // Out of sight, not out of the layout: text that is not laid out cannot be measured for a drawing.
    this.box.classList.toggle("diagram-waiting", shown);
    this.box.inert = shown;
    this.block.classList.toggle("diagram-shown", !shown);
    this.toggle.setAttribute("aria-pressed", String(shown));
  }
}

function sentence(reason: string): string {
  const line = /on line (\d+)/i.exec(reason)?.[1];
  if (/maximum text size|too many edges|edges exceed/i.test(reason)) return t("This diagram is too large to draw.");
  return line
    ? t("This diagram has a mistake in line %(line)s, so its source is shown.", { line })
    : t("This diagram has a mistake, so its source is shown.");
}

function isDark(): boolean {
  const { classList } = document.documentElement;
  return (
    classList.contains("dark") || (!classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches)
  );
}

/** The page's colours as a diagram takes them: the frame knows none of our style sheets. */
function coloursOf(place: HTMLElement): DiagramColours {
  const probe = document.createElement("span");
  probe.hidden = true;
  place.append(probe);
  const colour = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours: DiagramColours = {
    background: colour("background"),
    surface: colour("accent-soft"),
    line: colour("line-strong"),
    text: colour("text"),
    muted: colour("muted"),
    accent: colour("accent"),
    note: colour("warning-soft"),
  };
  probe.remove();
  return colours;
}

/** A frame's word is not enough for a file that may be opened as a page: nothing in it may run or load. */
export function isPlainDrawing(svg: string): boolean {
  if (/<[!?]/.test(svg)) return false;
  // Styles are looked at apart: parsed here they would fall under this page's policy, which allows none.
  const styles = [...svg.matchAll(STYLE)].map(([, css]) => css ?? "");
  if (styles.some((css) => /@import|url\(\s*["']?(?!#)|\\/i.test(css))) return false;
  const parsed = new DOMParser().parseFromString(svg.replace(STYLE, ""), "image/svg+xml");
  if (parsed.documentElement.localName !== "svg") return false;
  return [...parsed.querySelectorAll("*")].every(
    (element) => !NO_DRAWING.test(element.localName) && [...element.attributes].every(isPlainAttribute),
  );
}

const STYLE = /<style(?:\s[^<>]*)?>([^<]*)<\/style>/g;
const NO_DRAWING = /^(?:script|style|iframe|object|embed|link|meta|base|form|animate|set|handler|parsererror)$/i;

function isPlainAttribute({ localName, value }: Attr): boolean {
  if (/^on/i.test(localName)) return false;
  return !/^(?:href|src)$/i.test(localName) || /^(?:#|https?:)/i.test(value.trim());
}
