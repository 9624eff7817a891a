// JSON over HTTP to our own server. A redirect to the sign-in page arrives as HTML and counts as signed out.
import { t } from "../i18n";

export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** A sentence for each field that cannot stay as it is. */
    readonly faults: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Send JSON as the person who is signed in; return the answer. Throws HttpError with what the server says is wrong. */
export async function postJson<T>(url: string, body: object): Promise<T> {
  const token = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const response = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
    credentials: "same-origin",
    body: JSON.stringify(body),
  });
  if (response.redirected) throw new HttpError(401, t("You have been signed out."));
  const said = (await response.json().catch(() => ({}))) as { error?: string; faults?: Record<string, string> };
  if (response.ok) return said as T;
  throw new HttpError(response.status, said.error ?? "", said.faults);
}

export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    ...(signal ? { signal } : {}),
  });
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  if (response.redirected && !isJson) throw new HttpError(401, "Signed out");
  if (!response.ok) throw new HttpError(response.status, `${response.status} for ${url}`);
  if (!isJson) throw new HttpError(502, `No JSON from ${url}`);
  return (await response.json()) as T;
}
