// Runs in <head> before the first paint, so that a chosen theme never flashes the other one, and a page with a sidebar
// begins with it where it stays: open on a wide screen unless it was folded away (`static/src/chat/views/drawer.ts`).
// An account's choice stands in `data-theme` of the page, or of this script where the page's first tag is not ours;
// without one, the choice kept in this browser counts, then the system's.
{
  const root = document.documentElement;
  const given = document.currentScript?.dataset.theme;
  if (given) root.dataset.theme = given;
  const systemDark = matchMedia("(prefers-color-scheme: dark)");

  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is blocked
    }
  };
  const chosen = () => root.dataset.theme || (kept("theme") ?? "system");

  const apply = () => {
    const theme = chosen();
    const dark = theme === "dark" || (theme !== "light" && systemDark.matches);
    root.classList.toggle("dark", dark);
    root.classList.toggle("light", !dark);
  };

  apply();
  const isWide = matchMedia("(width >= 48rem)").matches;
  root.dataset.sidebar = isWide && kept("parley:sidebar") !== "closed" ? "open" : "closed";
  systemDark.addEventListener("change", apply);
  addEventListener("storage", (event) => event.key === "theme" && apply());
}
