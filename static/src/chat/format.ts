// Numbers, money and times as people read them.
import { locale, number, t, tn } from "../i18n";

export function tokens(count: number): string {
  return tn("%(n)s token", "%(n)s tokens", count);
}

/** Enough digits to be honest: a reply that cost something never shows as $0.00. */
export function money(usd: string): string {
  const value = Number(usd);
  if (!Number.isFinite(value)) return `$${usd}`;
  if (value === 0) return dollars(value, 0, 0);
  if (value >= 1) return dollars(value, 2, 2);
  if (value < 0.000001) return t("less than %(amount)s", { amount: dollars(0.000001, 6, 6) });
  return dollars(value, 2, Math.min(8, Math.max(2, 1 - Math.floor(Math.log10(value)))));
}

function dollars(value: number, least: number, most: number): string {
  const digits = { minimumFractionDigits: least, maximumFractionDigits: most };
  return number(value, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", ...digits });
}

/** How many characters there is room for, or by how many a text is too long. */
export function room(left: number): string {
  return left < 0 ? t("%(n)s too many", { n: -left }) : t("%(n)s left", { n: left });
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${number(seconds, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** To make one takes as long as to write a hundred times with it. */
let times: Intl.DateTimeFormat | undefined;

export function exactTime(iso: string): string {
  times ??= new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" });
  return times.format(new Date(iso));
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString(locale(), { dateStyle: "long" });
}

/** The last part of a model's id is how people call it. */
export function modelName(id: string, options: readonly { id: string; label: string }[]): string {
  return options.find((option) => option.id === id)?.label ?? id.slice(id.indexOf("/") + 1);
}
