/**
 * Lets the product be installed, and have a page to show without a net. Where a browser has no such workers, nothing
 * is missed but that page.
 *
 *     <link rel="manifest" href="/manifest.webmanifest" data-worker="/service-worker.js">
 */
export function startInstalledApp(root: Document): void {
  const worker = root.querySelector<HTMLElement>("link[rel=manifest]")?.dataset.worker;
  if (worker) void navigator.serviceWorker?.register(worker).catch(() => undefined);
}
