// Big numbers in few characters.
import { number } from "../../i18n";
export function compactNumber(count: number): string {
  return number(count, { notation: "compact", maximumFractionDigits: 1 });
}
