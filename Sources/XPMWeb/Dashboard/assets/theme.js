// Light, dark, or as the system has it.
import { redraw, setAttribute } from "./dom.js";

const CHOICES = ["auto", "light", "dark"];
const NAMES = { auto: "as the system", light: "light", dark: "dark" };

function stored() {
  try {
    return localStorage.getItem("xpm-theme");
  } catch {
    return null;
  }
}

/** Shows the choice; the button goes to the next one. */
export function setUpTheme(button) {
  let choice = CHOICES.includes(stored()) ? stored() : "auto";
  const show = () => {
    setAttribute(document.documentElement, "data-theme", choice === "auto" ? null : choice);
    redraw(button.querySelector("svg"), `theme-${choice}`);
    button.title = `Colours: ${NAMES[choice]}`;
    button.setAttribute("aria-label", button.title);
  };
  button.addEventListener("click", () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    try {
      localStorage.setItem("xpm-theme", choice);
    } catch {
      // A browser that stores nothing forgets it with the page.
    }
    show();
  });
  show();
}
