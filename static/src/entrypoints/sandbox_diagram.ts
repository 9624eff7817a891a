import { startDiagram } from "../sandbox/diagram";

startDiagram();
