import "../chat/chat.css";
import { App, readPageData } from "../chat";
import { pause } from "../chat/pause";
import { ready } from "../i18n";

void ready.then(pause).then(() => new App(readPageData()).start());
