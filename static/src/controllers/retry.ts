/**
 * Asks for this address again until it answers, then loads it; the page does not blink while it waits.
 *
 *     <span data-retry>Looking again every few seconds</span>
 */
const FIRST_MS = 2000;
const LONGEST_MS = 15_000;

export function startRetry(root: Document, reload: () => void = () => location.reload()): void {
  if (root.querySelector("[data-retry]")) again(FIRST_MS, reload);
}

function again(wait: number, reload: () => void): void {
  setTimeout(async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (answer && answer.status < 500) reload();
    else again(Math.min(wait * 1.5, LONGEST_MS), reload);
  }, wait);
}
