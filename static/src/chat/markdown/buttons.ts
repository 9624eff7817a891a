// Small buttons that the page puts beside what a text brings along: made by hand, as no template draws these blocks.

const SVG = "http://www.w3.org/2000/svg";

export function iconElement(name: string): SVGSVGElement {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  icon.append(use);
  return icon;
}

/** A button with an icon and words. */
export function wordButton(
  icon: string,
  words: string,
  pressed: (button: HTMLButtonElement) => void,
): HTMLButtonElement {
  const button = plainButton(pressed);
  button.className = "button button-quiet button-small";
  button.append(iconElement(icon), words);
  return button;
}

/** A button with an icon alone, named for those who do not see it. */
export function iconButton(
  icon: string,
  name: string,
  pressed: (button: HTMLButtonElement) => void,
): HTMLButtonElement {
  const button = plainButton(pressed);
  button.className = "button button-quiet button-icon button-small";
  button.setAttribute("aria-label", name);
  button.dataset.tooltip = name;
  button.append(iconElement(icon));
  return button;
}

function plainButton(pressed: (button: HTMLButtonElement) => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => pressed(button));
  return button;
}
