/**
 * Fetches a file row by row and tells how far it is; what is large goes to the browser's own download at once.
 *
 *     <a href="/calls.csv" download data-download>…</a>
 *     <p role="status" data-download-progress data-download-words="{rows} rows of about {about}" hidden></p>
 */
const MOST_ROWS = 200_000;
const TOLD_EVERY_MS = 300;

export function startDownloads(root: Document): void {
  const status = root.querySelector<HTMLElement>("[data-download-progress]");
  if (!status) return;
  for (const link of root.querySelectorAll<HTMLAnchorElement>("a[data-download]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      void download(link, status);
    });
  }
}

async function download(link: HTMLAnchorElement, status: HTMLElement): Promise<void> {
  const stop = new AbortController();
  try {
    const answer = await fetch(link.href, { credentials: "same-origin", signal: stop.signal });
    if (!answer.ok || !answer.body) throw new Error(String(answer.status));
    const about = Number(answer.headers.get("X-Rows-About") ?? "0");
    if (about > MOST_ROWS) {
      stop.abort();
      return save(link.href, link.download);
    }
    const parts = await read(answer.body, (rows) => tell(status, rows, Math.max(rows, about)));
    const file = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("Content-Type") ?? "" }));
    save(file, nameIn(answer.headers.get("Content-Disposition") ?? ""));
    setTimeout(() => URL.revokeObjectURL(file), 60_000);
  } catch {
    status.hidden = false;
    status.textContent = status.dataset.downloadFailed ?? "";
  }
}

async function read(body: ReadableStream<Uint8Array>, told: (rows: number) => void): Promise<BlobPart[]> {
  const parts: BlobPart[] = [];
  const reader = body.getReader();
  let rows = 0;
  let toldAt = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value as Uint8Array<ArrayBuffer>);
    for (const byte of value) if (byte === 10) rows += 1;
    if (performance.now() - toldAt > TOLD_EVERY_MS) {
      toldAt = performance.now();
      told(rows);
    }
  }
  told(rows);
  return parts;
}

function tell(status: HTMLElement, rows: number, about: number): void {
  status.hidden = false;
  const words = status.dataset.downloadWords ?? "{rows} / {about}";
  status.textContent = words.replace("{rows}", rows.toLocaleString()).replace("{about}", about.toLocaleString());
}

function nameIn(disposition: string): string {
  return /filename="?([^";]+)"?/.exec(disposition)?.[1] ?? "";
}

function save(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
