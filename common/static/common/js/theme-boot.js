/* Runs before the first paint, so that a chosen theme does not flash. Everything else is in main.js. */
(() => {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    else if (theme === "auto") delete document.documentElement.dataset.theme;
  } catch {
    /* Storage is blocked: the server's choice stands. */
  }
})();
