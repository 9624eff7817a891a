// Files beside what is said: what a message tells of them, where they are, and how they are called.
import { number, t, tn } from "../i18n";

export interface Attached {
  readonly id: string;
  readonly kind: "image" | "document";
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  readonly tokens?: number;
  readonly width?: number;
  readonly height?: number;
  readonly animated?: boolean;
  /** How much of a document was read: "12 pages". */
  readonly extent?: string;
  /** The model that answered first and could not see the picture. */
  readonly unseen_by?: string;
}

/** What a message carries, as the protocol has it. */
export type Carried = readonly Readonly<Record<string, unknown>>[];

export function attachedTo(carried: Carried): Attached[] {
  return carried.filter((value) => typeof value.id === "string") as unknown as Attached[];
}

export const idsOf = (files: readonly Attached[]) => files.map(({ id }) => id);

export const isPicture = ({ kind }: Attached) => kind === "image";

export const fileUrl = (id: string) => `/chat/api/attachments/${id}/`;

const KINDS: Record<string, string> = {
  "application/pdf": "PDF",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
};

export function kindOf({ mime, name }: Attached): string {
  const ending = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1];
  return KINDS[mime] ?? ending?.toUpperCase() ?? t("Text");
}

export function sizeOf(bytes: number): string {
  if (bytes < 1024) return tn("%(n)s byte", "%(n)s bytes", bytes);
  const kb = bytes / 1024;
  return kb < 1000
    ? `${number(Math.round(kb))} kB`
    : `${number(kb / 1024, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MB`;
}
