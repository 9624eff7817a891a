import { startArtifact } from "../sandbox/artifact";

startArtifact();
