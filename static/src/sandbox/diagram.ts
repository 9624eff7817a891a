// Draws one mermaid diagram, in a frame that may load its own script and nothing else.
import mermaid, { type MermaidConfig } from "mermaid";
import type { DiagramColours, DrawDiagram, FromDiagram, ToDiagram } from "../shared/sandbox_messages";
import { connect } from "./frame";

const MAX_TEXT = 50_000;
const MAX_EDGES = 500;
const MOST_PIXELS = 4_096;

export function startDiagram(): void {
  let waiting = Promise.resolve();
  const port = connect<ToDiagram>((message) => {
    // mermaid keeps its settings in one place: one thing at a time.
    waiting = waiting.then(async () => {
      const answer: FromDiagram =
        message.type === "draw" ? await draw(message) : { type: "picture", png: await picture() };
      port.postMessage(answer);
    });
  });
}

async function draw({ source, dark, colours }: DrawDiagram): Promise<FromDiagram> {
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  try {
    // What a diagram before this one set for itself is forgotten.
    mermaid.mermaidAPI.globalReset();
    mermaid.initialize(settings(colours, dark));
    const { svg } = await mermaid.render("diagram", source);
    const host = document.body;
    host.innerHTML = svg;
    const drawing = host.querySelector("svg");
    if (!drawing) return { type: "failed", reason: "" };
    const { width, height } = sizeOf(drawing);
    drawing.setAttribute("width", "100%");
    drawing.setAttribute("height", "100%");
    drawing.style.maxWidth = "none";
    const title = drawing.querySelector("title")?.textContent ?? "";
    return { type: "drawn", width, height, svg, title };
  } catch (error) {
    document.body.replaceChildren();
    return { type: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

function settings(colours: DiagramColours, dark: boolean): MermaidConfig {
  return {
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    maxTextSize: MAX_TEXT,
    maxEdges: MAX_EDGES,
    theme: "base",
    look: "classic",
    darkMode: dark,
    fontFamily: "system-ui, sans-serif",
    themeVariables: variables(colours, dark),
  };
}

function sizeOf(drawing: SVGSVGElement): { width: number; height: number } {
  const { width, height } = drawing.viewBox.baseVal;
  const box = drawing.getBoundingClientRect();
  return { width: Math.ceil(width || box.width || 1), height: Math.ceil(height || box.height || 1) };
}

async function picture(): Promise<ArrayBuffer | null> {
  const drawing = document.querySelector("svg");
  if (!drawing) return null;
  const { width, height } = sizeOf(drawing);
  const scale = Math.min(2, MOST_PIXELS / Math.max(width, height));
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  try {
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {
      width: Math.round(width * scale),
      height: Math.round(height * scale),
    });
    const context = canvas.getContext("2d");
    if (!context) return null;
    context.fillStyle = document.documentElement.dataset.background ?? "Canvas";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    return (await blob?.arrayBuffer()) ?? null;
  } catch {
    return null; // some browsers refuse to read back what holds HTML labels
  }
}

function variables(colours: DiagramColours, dark: boolean): Record<string, string | boolean> {
  document.documentElement.dataset.background = colours.background;
  return {
    darkMode: dark,
    background: colours.background,
    mainBkg: colours.surface,
    primaryColor: colours.surface,
    primaryTextColor: colours.text,
    primaryBorderColor: colours.line,
    secondaryColor: colours.note,
    tertiaryColor: colours.background,
    textColor: colours.text,
    titleColor: colours.text,
    lineColor: colours.muted,
    edgeLabelBackground: colours.background,
    clusterBkg: colours.background,
    clusterBorder: colours.line,
    noteBkgColor: colours.note,
    noteTextColor: colours.text,
    noteBorderColor: colours.line,
    actorBkg: colours.surface,
    actorBorder: colours.line,
    actorTextColor: colours.text,
    signalColor: colours.muted,
    signalTextColor: colours.text,
    activationBkgColor: colours.note,
    activationBorderColor: colours.accent,
  };
}
