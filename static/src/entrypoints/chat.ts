import "../chat/chat.css";
import { App, readPageData } from "../chat";

new App(readPageData()).start();
