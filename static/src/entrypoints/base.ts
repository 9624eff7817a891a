import "../styles/main.css";
import { startCopyButtons } from "../controllers/copy";
import { startDialogs } from "../controllers/dialog";
import { focusInvalid } from "../controllers/invalid";
import { startMenus } from "../controllers/menu";
import { startPasswordToggles } from "../controllers/password";
import { startSubmitOnce } from "../controllers/submit";
import { startThemes } from "../controllers/theme";
import { startToasts } from "../controllers/toasts";

focusInvalid(document);
startCopyButtons(document);
startDialogs(document);
startMenus(document);
startPasswordToggles(document);
startSubmitOnce(document);
startThemes(document);
startToasts(document);
