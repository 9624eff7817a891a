import "../styles/playground.css";
import { ready } from "../i18n";
import { readPageData } from "../operations/playground/data";
import { Page } from "../operations/playground/page";

const root = document.getElementById("playground");
if (root) void ready.then(() => new Page(readPageData(), root).start());
