// Formulas. KaTeX and its style sheet arrive with the first one; until then, and where it fails, the source is shown.
import type { KatexOptions } from "katex";

type Render = (tex: string, element: HTMLElement, options: KatexOptions) => void;

const MAX_TEX = 5_000;

let render: Render | undefined;
let loading: Promise<void> | undefined;

export function showMath(element: HTMLElement, tex: string, display: boolean): void {
  element.classList.add(display ? "math-block" : "math-inline");
  if (tex.length > MAX_TEX) return;
  if (render) {
    draw(element, tex, display);
    return;
  }
  loading ??= load();
  // A failed download leaves the source on the page; the next formula tries again.
  loading.then(
    () => draw(element, tex, display),
    () => {
      loading = undefined;
    },
  );
}

/** KaTeX builds elements itself, so its output needs no second parse. */
function draw(element: HTMLElement, tex: string, display: boolean): void {
  const options = {
    displayMode: display,
    throwOnError: false,
    trust: false,
    maxExpand: 500,
    maxSize: 20,
    strict: false,
  };
  try {
    render?.(tex, element, options);
  } catch {
    element.textContent = tex;
  }
}

async function load(): Promise<void> {
  const [katex] = await Promise.all([import("katex"), import("katex/dist/katex-swap.min.css")]);
  render = katex.default.render;
}
