import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startRetry } from "./retry";

beforeEach(() => vi.useFakeTimers());

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a page that waits asks again until the server answers", async () => {
  document.body.innerHTML = "<span data-retry></span>";
  const reload = vi.fn();
  const fetched = vi
    .fn<() => Promise<Response>>()
    .mockRejectedValueOnce(new TypeError("refused"))
    .mockResolvedValueOnce(new Response("", { status: 503 }))
    .mockResolvedValue(new Response(""));
  vi.stubGlobal("fetch", fetched);

  startRetry(document, reload);
  await vi.advanceTimersByTimeAsync(6000);
  const early = reload.mock.calls.length;
  await vi.advanceTimersByTimeAsync(6000);

  expect([early, reload.mock.calls.length]).toEqual([0, 1]);
});

test("other pages ask for nothing", async () => {
  document.body.innerHTML = "";
  const fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);

  startRetry(document);
  await vi.advanceTimersByTimeAsync(60_000);

  expect(fetched).not.toHaveBeenCalled();
});
