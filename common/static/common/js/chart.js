/* Exact values of a chart's points: under the pointer, and by left and right with the plot focused (Enter: the table).
   The points carry them as <title>; here they move to data-value, so that the browser shows no second tooltip. */

export function chart(figure) {
  const plot = figure.querySelector(".chart-plot");
  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.setAttribute("role", "status");
  plot.append(tip);
  for (const title of plot.querySelectorAll(".c-point > title")) {
    title.parentElement.dataset.value = title.textContent;
    title.remove();
  }
  const points = () => [...plot.querySelectorAll(".c-point")].filter((point) => point.getClientRects().length);
  const show = (point) => mark(plot, tip, point);
  if (points().length) plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", figure.querySelector(".chart-title").textContent);
  plot.addEventListener("pointermove", (event) => show(nearest(points(), event)));
  plot.addEventListener("pointerleave", () => show(undefined));
  plot.addEventListener("blur", () => show(undefined));
  plot.addEventListener("keydown", (event) => onKey(event, figure, points(), show));
}

function onKey(event, figure, points, show) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const here = points.findIndex((point) => point.classList.contains("is-here"));
  const last = points.length - 1;
  const moves = { ArrowRight: here + 1, ArrowLeft: here < 0 ? last : here - 1 };
  if (event.key in moves) show(points[Math.min(last, Math.max(0, moves[event.key]))]);
  else if (event.key === "Escape" && here >= 0) show(undefined);
  else if (event.key === "Enter") figure.querySelector(".chart-data").toggleAttribute("open");
  else return;
  event.preventDefault();
}

function centre(point) {
  const box = point.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

function nearest(points, { clientX, clientY }) {
  const away = (point) => Math.hypot(centre(point)[0] - clientX, centre(point)[1] - clientY);
  const [closest] = points.map((point) => [away(point), point]).sort((one, other) => one[0] - other[0]);
  return closest && closest[0] < 40 ? closest[1] : undefined;
}

function mark(plot, tip, point) {
  plot.querySelector(".is-here")?.classList.remove("is-here");
  tip.textContent = point?.dataset.value ?? "";
  if (!point) return;
  point.classList.add("is-here");
  const box = plot.getBoundingClientRect();
  const [x, y] = centre(point);
  const left = Math.min(Math.max(0, x - box.x - tip.offsetWidth / 2), box.width - tip.offsetWidth);
  const above = y - box.y - tip.offsetHeight - 12;
  tip.style.setProperty("--tip-x", `${left}px`);
  tip.style.setProperty("--tip-y", `${above < 0 ? y - box.y + 12 : above}px`);
}
