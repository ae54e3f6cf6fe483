/* The running score, always in sight: recomputed in the page at each change. */
import { passed, score, shown } from "./score.js";

/** Shows score, progress and group scores. root: the workbench; data: card, pass_mark and words; grading: the form. */
export function showScore(root, { card, pass_mark: mark, words }, grading) {
  const now = score(card, grading.answers());
  const output = root.querySelector("[data-score]");
  const result = passed(now.score, mark);
  output.dataset.result = result === null ? "none" : result ? "passed" : "failed";
  output.querySelector("[data-score-value]").textContent = now.score === null ? "–" : shown(now.score, mark);
  output.title = now.failedBy.length ? `${words.unfailed} ${shown(now.unfailed ?? "0", mark)}` : "";
  root.querySelector("[data-answered]").textContent = grading.answered;
  root.querySelector("[data-total]").textContent = grading.total;
  Object.assign(root.querySelector("[data-progress]"), { max: grading.total, value: grading.answered });
  showUncapped(root.querySelector("[data-uncapped]"), now, mark, words);
  for (const slot of root.querySelectorAll("[data-group-score]")) {
    const value = now.groups.get(slot.dataset.groupScore) ?? null;
    slot.textContent = value === null ? "" : shown(value, mark);
  }
}

/** What bonuses and deductions came to, where the limits of 0 and 100 cut it. */
function showUncapped(slot, { uncapped, unfailed }, mark, words) {
  slot.hidden = uncapped === null || uncapped === unfailed;
  if (slot.hidden) return;
  const text = uncapped.startsWith("-") ? `−${shown(uncapped.slice(1), mark)}` : shown(uncapped, mark);
  slot.textContent = words.uncapped.replace("{score}", text);
}
