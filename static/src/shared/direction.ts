// Which way the page is read: from the left, or in Arabic, Hebrew and Persian from the right.

export function isRightToLeft(): boolean {
  return document.documentElement.dir === "rtl";
}

/** Where an arrow key leads along the line of reading: back, on, or nowhere for any other key. */
export function stepOf(key: string): -1 | 0 | 1 {
  if (key !== "ArrowLeft" && key !== "ArrowRight") return 0;
  return (key === "ArrowLeft") === isRightToLeft() ? 1 : -1;
}
