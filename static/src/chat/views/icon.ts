import { html, type TemplateResult } from "lit-html";

/** An icon of the sprite in `components/icons.html`. */
export function icon(name: string): TemplateResult {
  return html`<svg class="icon" aria-hidden="true"><use href="#icon-${name}"></use></svg>`;
}
