import "../styles/admin/admin.css";
import { nameAdminFields } from "../controllers/admin_fields";
import { startMenus } from "../controllers/menu";
import { startThemes } from "../controllers/theme";
import { startTitles } from "../controllers/titles";
import { startToasts } from "../controllers/toasts";

startMenus(document);
startThemes(document);
startTitles(document);
startToasts(document);
// Django's own scripts replace fields when the page is ready, and add rows later.
addEventListener("load", () => nameAdminFields(document));
document.addEventListener("formset:added", () => nameAdminFields(document));
