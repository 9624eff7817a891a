/**
 * Tells the whole of a text that is cut with an ellipsis, once the pointer or the focus is on it.
 *
 *     <p class="truncate">A name that is longer than its place</p>
 */
export function startTitles(root: Document): void {
  for (const event of ["pointerover", "focusin"]) root.addEventListener(event, (found) => nameWhole(found.target));
}

function nameWhole(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement)) return;
  for (const element of [target, ...target.querySelectorAll<HTMLElement>(".truncate")].slice(0, 4)) {
    if (isCut(element) && !element.closest("[title]")) element.title = element.textContent?.trim() ?? "";
  }
}

function isCut(element: HTMLElement): boolean {
  return element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === "ellipsis";
}
