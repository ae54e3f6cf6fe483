/* A button that goes through auto, light and dark; its data-auto, data-light, data-dark are its names. */
const order = ["auto", "light", "dark"];

const current = () => document.documentElement.dataset.theme ?? "auto";

function show(button) {
  button.setAttribute("aria-label", button.dataset[current()]);
  button.title = button.dataset[current()];
  for (const icon of button.querySelectorAll("[data-theme-icon]")) icon.toggleAttribute("hidden", icon.dataset.themeIcon !== current());
}

function set(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    /* Storage is blocked: the theme holds for this page. */
  }
}

export function theme(button) {
  button.hidden = false;
  show(button);
  button.addEventListener("click", () => {
    set(order[(order.indexOf(current()) + 1) % order.length]);
    show(button);
  });
}
