/**
 * Asks for this address again until it answers, then loads it; the page does not blink while it waits.
 *
 *     <span data-retry>Looking again every few seconds</span>
 */
const FIRST_MS = 2000;
const LONGEST_MS = 15_000;

export function startRetry(root: Document): void {
  if (root.querySelector("[data-retry]")) again(FIRST_MS);
}

function again(wait: number): void {
  setTimeout(async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (answer && answer.status < 500) location.reload();
    else again(Math.min(wait * 1.5, LONGEST_MS));
  }, wait);
}
