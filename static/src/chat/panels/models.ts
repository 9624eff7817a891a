// What each model can do and what may be set for it: asked of the server when a list or panel first needs it.
import { t } from "../../i18n";
import { getJson } from "../../shared/http";
import { money } from "../format";
import { compactNumber } from "./numbers";

export interface Abilities {
  sees_images: boolean;
  reads_pdfs: boolean;
  uses_tools: boolean;
  reasons: boolean;
  context_window: number | null;
  max_output: number | null;
  /** USD for a million tokens. */
  input_price: number | null;
  output_price: number | null;
}

export interface ModelDetails {
  id: string;
  label: string;
  provider: string;
  abilities: Abilities;
  /** What the team says about it. */
  note: string;
  /** What can be set, in the order it is shown. */
  parameters: string[];
  efforts: string[];
}

/** A number from `least` to `most`, or one of `options`. */
export interface Rule {
  label: string;
  least?: number;
  most?: number;
  whole?: boolean;
  options?: string[];
}

export interface Catalogue {
  models: ModelDetails[];
  rules: Record<string, Rule>;
}

let asked: Promise<Catalogue> | undefined;

export function loadModels(url: string): Promise<Catalogue> {
  asked ??= getJson<Catalogue>(url).catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

/** What a person chooses by, a few words each. */
export function abilityWords({ sees_images, reads_pdfs, uses_tools, reasons }: Abilities): string[] {
  const words: [boolean, string][] = [
    [sees_images, t("sees images")],
    [reads_pdfs, t("reads PDFs")],
    [uses_tools, t("uses tools")],
    [reasons, t("reasons")],
  ];
  return words.flatMap(([is, word]) => (is ? [word] : []));
}

export function sizeAndPrice({ context_window, input_price, output_price }: Abilities): string[] {
  const facts = context_window ? [t("%(n)s tokens", { n: compactNumber(context_window) })] : [];
  if (input_price === 0 && output_price === 0) facts.push(t("free"));
  else if (input_price !== null && output_price !== null) {
    const prices = { input: money(String(input_price)), output: money(String(output_price)) };
    facts.push(t("%(input)s in, %(output)s out per million", prices));
  }
  return facts;
}
