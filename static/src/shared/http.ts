// JSON over HTTP to our own server. A redirect to the sign-in page arrives as HTML and counts as signed out.

export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
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
