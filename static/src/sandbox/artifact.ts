// Runs a document that a model wrote, in a frame within this one. This page's policy allows no frame an address, so
// wherever the document tries to go, there is nowhere; and it cannot reach the port that belongs to this page.
import type { FromArtifact, Ready, ToArtifact } from "../shared/sandbox_messages";
import { guard, OPENS_MORE } from "./guard";

interface Policies {
  createPolicy(name: string, rules: { createHTML(html: string): string }): void;
}

export function startArtifact(): void {
  const policies = (window as unknown as { trustedTypes?: Policies }).trustedTypes;
  policies?.createPolicy("default", { createHTML: (html) => html });
  const { port1: port, port2 } = new MessageChannel();
  port.onmessage = ({ data: { source } }: MessageEvent<ToArtifact>) => {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.title = document.title;
    frame.srcdoc = guarded(source);
    frame.addEventListener("load", () => port.postMessage({ type: "shown" } satisfies FromArtifact), { once: true });
    document.body.replaceChildren(frame);
  };
  // As in frame.ts, written out: this page may load no file, so its script stands in it as one piece.
  const ready: Ready = { type: "parley.sandbox.ready", nonce: location.hash.slice(1) };
  parent.postMessage(ready, location.origin, [port2]);
}

export function guarded(source: string): string {
  const harmless = source.replace(new RegExp(OPENS_MORE, "gi"), "<$1blocked-");
  const first = `(${guard})(${JSON.stringify(OPENS_MORE)});document.currentScript.remove()`;
  return `<!doctype html><meta charset="utf-8"><script>${first.replace(/<\/(?=script)/gi, "<\\/")}</script>${whole(harmless)}`;
}

/** A bare drawing stands in the middle of its page. */
function whole(source: string): string {
  if (!/^\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype svg[^>]*>\s*)?<svg[\s>]/i.test(source)) return source;
  const drawing = source.slice(source.search(/<svg[\s>]/i));
  return `<style>body{display:grid;place-items:center;min-height:100vh;margin:0}svg{max-width:100%;height:auto}</style>${drawing}`;
}
