/**
 * Brings the open page's tab into sight where the tabs are one row that moves sideways.
 *
 *     <nav class="settings-tabs"><ul><li><a aria-current="page" href="...">General</a></li></ul></nav>
 */
export function showCurrentTab(root: Document): void {
  const tab = root.querySelector<HTMLElement>(".settings-tabs [aria-current=page]");
  const row = tab?.closest("ul");
  if (!tab || !row) return;
  const inRow = tab.getBoundingClientRect().left - row.getBoundingClientRect().left + row.scrollLeft;
  row.scrollLeft = inRow - (row.clientWidth - tab.offsetWidth) / 2;
}
