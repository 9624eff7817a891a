// Whether the shown thread is there, and if not, why.
import { HttpError } from "../shared/http";

export type Loading = "ready" | "loading" | "failed" | "missing" | "signed-out" | "left";

export function failure(error: unknown): Loading {
  if (!(error instanceof HttpError)) return "failed";
  if (error.status === 404) return "missing";
  return error.status === 401 ? "signed-out" : "failed";
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
