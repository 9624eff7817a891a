// What is not part of reading and writing (panels, dialogs, menus) is a module under `panels/`, loaded when first asked for.

import { showToast } from "../controllers/toasts";
import { t } from "../i18n";

/** Load a panel's module and use it: `openPanel(() => import("./panels/search"), (panel) => panel.open(session))`. */
export async function openPanel<T>(load: () => Promise<T>, use: (panel: T) => void): Promise<void> {
  let panel: T;
  try {
    panel = await load();
  } catch {
    showToast(t("This could not be loaded. Check your connection and try again."), "warning");
    return;
  }
  use(panel);
}
