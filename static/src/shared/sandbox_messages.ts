// What a page and its sandbox frames say to each other. A frame says `ready` once and hands over a port; the rest
// goes through that port, so nobody else's message is ever taken for theirs.

export const READY = "parley.sandbox.ready";

export interface Ready {
  type: typeof READY;
  /** What the page wrote into the frame's address; a frame that does not know it is not ours. */
  nonce: string;
}

/** To the frame that draws diagrams. */
export interface DrawDiagram {
  type: "draw";
  source: string;
  dark: boolean;
  colours: DiagramColours;
}

export interface DiagramColours {
  background: string;
  surface: string;
  line: string;
  text: string;
  muted: string;
  accent: string;
  note: string;
}

/** Ask for the drawn diagram as a picture, twice as large. */
export interface TakePicture {
  type: "picture";
}

export type ToDiagram = DrawDiagram | TakePicture;

export type FromDiagram =
  | { type: "drawn"; width: number; height: number; svg: string; title: string }
  | { type: "failed"; reason: string }
  | { type: "picture"; png: ArrayBuffer | null };

/** To the frame that runs a document. */
export interface ShowArtifact {
  type: "show";
  source: string;
}

export type ToArtifact = ShowArtifact;

export type FromArtifact = { type: "shown" };
