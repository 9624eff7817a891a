// Numbers, money and times as people read them.

export function tokens(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "token" : "tokens"}`;
}

/** Enough digits to be honest: a reply that cost something never shows as $0.00. */
export function money(usd: string): string {
  const value = Number(usd);
  if (!Number.isFinite(value)) return `$${usd}`;
  if (value === 0) return "$0";
  if (value >= 1) return `$${value.toFixed(2)}`;
  if (value < 0.000001) return "less than $0.000001";
  const digits = Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(value))));
  return `$${value.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

export function exactTime(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** The last part of a model's id is how people call it. */
export function modelName(id: string, options: readonly { id: string; label: string }[]): string {
  return options.find((option) => option.id === id)?.label ?? id.slice(id.indexOf("/") + 1);
}
