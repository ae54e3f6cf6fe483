/* <button data-controller="confirm" data-dialog="id"> opens the dialog; its [data-close] buttons and Escape close it. */
export function confirm(button) {
  const dialog = document.getElementById(button.dataset.dialog);
  button.addEventListener("click", () => dialog.showModal());
  for (const close of dialog.querySelectorAll("[data-close]")) close.addEventListener("click", () => dialog.close());
}
