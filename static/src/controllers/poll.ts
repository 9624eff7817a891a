/**
 * Keeps a part of the page up to date while something goes on, by looking at the page again.
 *
 *     <section id="imports" data-poll="1500">…</section>
 *
 * It ends when the part comes without `data-poll`.
 */
const LONGEST_MS = 30_000;

export function startPolling(root: Document): void {
  for (const element of root.querySelectorAll<HTMLElement>("[id][data-poll]")) lookLater(element, pauseOf(element));
}

function lookLater(element: HTMLElement, pause: number): void {
  setTimeout(async () => {
    const fresh = await partNow(element.id);
    if (!fresh) return lookLater(element, Math.min(LONGEST_MS, pause * 2));
    const isSame = fresh.innerHTML === element.innerHTML;
    if (!isSame) element.replaceChildren(...fresh.childNodes);
    if (fresh.dataset.poll) lookLater(element, pauseOf(element));
    else delete element.dataset.poll;
  }, pause);
}

function pauseOf(element: HTMLElement): number {
  return Number(element.dataset.poll) || LONGEST_MS;
}

async function partNow(id: string): Promise<HTMLElement | null> {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) return null;
    return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
  } catch {
    return null;
  }
}
