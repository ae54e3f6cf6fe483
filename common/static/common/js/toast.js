/* Short messages at the foot of the page. Good news leaves by itself after 8 s (not while pointed at or focused);
   errors and toasts with an action stay until closed.

   toast(text, { action: { label, run } }) shows one from a script. */

function close(element) {
  element.remove();
}

function arm(element) {
  element.querySelector("[data-close]")?.addEventListener("click", () => close(element));
  if (element.matches(".error, .warning, :has(form, [data-action])")) return;
  const leave = () => (element.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : close(element));
  setTimeout(leave, 8000);
}

export function toasts(region) {
  for (const element of region.querySelectorAll(".toast")) arm(element);
}

export function toast(text, { action } = {}) {
  const region = document.querySelector(".toasts");
  const element = region.querySelector("template").content.firstElementChild.cloneNode(true);
  element.querySelector("p").textContent = text;
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.action = "";
    button.textContent = action.label;
    button.addEventListener("click", () => {
      action.run();
      close(element);
    });
    element.querySelector("p").after(button);
  }
  region.append(element);
  arm(element);
  return () => close(element);
}
