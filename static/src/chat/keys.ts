// Keys that mean the same in every field one writes a message in.

/** What browsers report as the key while an input method composes. */
const IME_KEY_CODE = 229;

/** The Enter that sends: not the one for a new line, and not the one that accepts a composed word. */
export function isSendKey(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || isComposing(event)) return false;
  return !event.shiftKey && !event.altKey;
}

export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === IME_KEY_CODE;
}
