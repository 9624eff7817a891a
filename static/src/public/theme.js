// Runs in <head> before the first paint, so that a chosen theme never flashes the other one.
// An account's choice stands in `data-theme` of the page, or of this script where the page's first tag is not ours;
// without one, the choice kept in this browser counts, then the system's.
{
  const root = document.documentElement;
  const given = document.currentScript?.dataset.theme;
  if (given) root.dataset.theme = given;
  const systemDark = matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    if (root.dataset.theme) return root.dataset.theme;
    try {
      return localStorage.getItem("theme") ?? "system";
    } catch {
      return "system"; // storage is blocked
    }
  };

  const apply = () => {
    const theme = chosen();
    const dark = theme === "dark" || (theme !== "light" && systemDark.matches);
    root.classList.toggle("dark", dark);
    root.classList.toggle("light", !dark);
  };

  apply();
  systemDark.addEventListener("change", apply);
  addEventListener("storage", (event) => event.key === "theme" && apply());
}
