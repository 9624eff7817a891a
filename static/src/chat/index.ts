export { readPageData } from "./page_data";
export { App } from "./views/app";
