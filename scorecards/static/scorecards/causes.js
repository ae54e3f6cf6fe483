/* Root causes as lines of text: a cause a line, its details indented below it (or begun with a dash). */

const DETAIL = /^(\s+|[-–•]\s*)(?=\S)/;

/** Lines of the causes in a definition: "Wrong product" or {cause, details}. */
export function showCauses(causes) {
  return causes.flatMap((each) => (each instanceof Object ? [each.cause, ...(each.details ?? []).map((detail) => `  ${detail}`)] : [each])).join("\n");
}

/** Causes out of the lines; a detail above every cause counts as a cause. */
export function readCauses(lines) {
  const found = [];
  for (const line of lines.split("\n").filter((each) => each.trim())) {
    const words = line.replace(DETAIL, "").trim();
    if (DETAIL.test(line) && found.length) found.at(-1).details.push(words);
    else found.push({ cause: words, details: [] });
  }
  return found.map((each) => (each.details.length ? each : each.cause));
}

/** The lines with those of `more` that they lack at the end. */
export function mergeCauses(lines, more) {
  const known = new Set(readCauses(lines).map((each) => each.cause ?? each));
  const added = more.filter((each) => !known.has(each.cause ?? each));
  return [lines.trimEnd(), showCauses(added)].filter(Boolean).join("\n");
}
