// Closes what a half-arrived paragraph leaves open, so that its marks do not flicker in and out while it streams.

/** The text as it would read had its last emphasis, code span or link been finished here. */
export function mended(source: string): string {
  const start = source.lastIndexOf("\n\n") + 1;
  const head = source.slice(0, start);
  let tail = source.slice(start);

  const ticks = tail.replace(/\\[\s\S]/g, "  ").match(/`+/g) ?? [];
  if (ticks.length % 2 === 1) {
    const opener = ticks.at(-1) ?? "`";
    return head + (tail.endsWith(opener) ? tail.slice(0, -opener.length) : tail + opener);
  }
  tail = tail.replace(/!?\[([^\]\n]*)\]\([^)\s]*$/, "$1");
  for (const mark of ["**", "~~"]) tail = closed(tail, mark);
  return head + tail;
}

function closed(text: string, mark: string): string {
  const single = mark.charAt(0);
  const prose = text.replace(/\\[\s\S]|`[^`]*`/g, (part) => " ".repeat(part.length));
  if (prose.split(mark).length % 2 === 1) return text;
  if (text.endsWith(mark)) return text.slice(0, -mark.length);
  const stem = text.trimEnd();
  const trailing = text.slice(stem.length);
  return (stem.endsWith(single) && !stem.endsWith(mark) ? stem.slice(0, -1) : stem) + mark + trailing;
}
