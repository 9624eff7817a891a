import "../styles/operations.css";
import { startCharts } from "../operations/charts";
import { startDownloads } from "../operations/downloads";
import { startDropEmpty } from "../operations/drop_empty";
import { startLive } from "../operations/live";
import { startSendOnChange } from "../operations/send_on_change";

startCharts(document);
startDownloads(document);
startDropEmpty(document);
startLive(document);
startSendOnChange(document);
