/**
 * Follows a list: while switched on, the rows are asked for anew every 2 s, and those that are new light up once.
 *
 *     <button data-live="/operations/calls/rows/?…" data-live-minutes="30" data-live-on="Live" hidden>
 *       <span data-live-label>Follow live</span>
 *     </button>
 *     <div data-live-rows>…<tr id="call-1">…</div>
 *
 * It rests while the tab is hidden, waits longer where the server does not answer, and ends after some time by itself.
 */
const PAUSE_MS = 2000;
const LONGEST_MS = 30_000;

export function startLive(root: Document): void {
  const button = root.querySelector<HTMLButtonElement>("[data-live]");
  const rows = root.querySelector<HTMLElement>("[data-live-rows]");
  if (!button || !rows) return;
  button.hidden = false;
  const label = button.querySelector("[data-live-label]");
  const off = label?.textContent ?? "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let endsAt = 0;
  let pause = PAUSE_MS;

  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
    endsAt = 0;
    button.setAttribute("aria-pressed", "false");
    if (label) label.textContent = off;
  };
  const look = async (): Promise<void> => {
    if (Date.now() > endsAt) return stop();
    if (!root.hidden) pause = (await refresh(button.dataset.live ?? "", rows)) ? PAUSE_MS : longer(pause);
    if (endsAt) timer = setTimeout(look, pause);
  };
  button.addEventListener("click", () => {
    if (endsAt) return stop();
    endsAt = Date.now() + Number(button.dataset.liveMinutes ?? "30") * 60_000;
    pause = PAUSE_MS;
    button.setAttribute("aria-pressed", "true");
    if (label) label.textContent = button.dataset.liveOn ?? off;
    void look();
  });
}

function longer(pause: number): number {
  return Math.min(LONGEST_MS, pause * 2);
}

async function refresh(address: string, rows: HTMLElement): Promise<boolean> {
  try {
    const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return false;
    show(new DOMParser().parseFromString(await answer.text(), "text/html").body, rows);
    return true;
  } catch {
    return false;
  }
}

function show(fresh: HTMLElement, rows: HTMLElement): void {
  const known = new Set([...rows.querySelectorAll("tr[id]")].map((row) => row.id));
  const focused = document.activeElement?.closest("tr")?.id;
  const arrived = [...fresh.querySelectorAll("tr[id]")].filter((row) => !known.has(row.id));
  const isSame = arrived.length === 0 && fresh.querySelectorAll("tr[id]").length === known.size;
  if (isSame) return;
  for (const row of arrived) row.classList.add("calls-new");
  rows.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.querySelector("a")?.focus({ preventScroll: true });
}
