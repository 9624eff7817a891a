import { isRightToLeft } from "../../shared/direction";

const GAP = 4;

/** Put a menu below its button, or above where there is no room; in line with the button's end, or its start. */
export function placeMenu(menu: HTMLElement, at: DOMRect, side: "start" | "end" = "end"): void {
  const { offsetHeight: height, offsetWidth: width } = menu;
  const isLow = at.bottom + GAP + height > innerHeight;
  menu.style.top = `${isLow ? Math.max(GAP, at.top - GAP - height) : at.bottom + GAP}px`;
  const from = (side === "end") === isRightToLeft() ? at.left : at.right - width;
  menu.style.left = `${Math.max(GAP, Math.min(from, innerWidth - width - GAP))}px`;
}
