/**
 * Shows and hides what is typed into a password field.
 *
 *     <div class="input-with-button">
 *       <input class="input" type="password">
 *       <button type="button" data-password-toggle aria-pressed="false" aria-label="Show password">…</button>
 *     </div>
 */
export function startPasswordToggles(root: Document): void {
  root.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-password-toggle]");
    const input = button?.parentElement?.querySelector("input");
    if (!button || !input) return;
    const shows = input.type === "password";
    input.type = shows ? "text" : "password";
    button.setAttribute("aria-pressed", String(shows));
    button.querySelector("use")?.setAttribute("href", shows ? "#icon-eye-off" : "#icon-eye");
    input.focus();
  });
}
