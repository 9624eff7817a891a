import { startHelpSearch } from "../controllers/help_search";

startHelpSearch(document);
