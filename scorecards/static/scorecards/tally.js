/* What follows from the fields and is shown as they change: shares, what each option is worth, summaries. */
import { countConditions } from "./conditions.js";
import { readCauses } from "./causes.js";
import { categoriesOf, field, numberOf, own, ownPart, rows, say, text, words } from "./parts.js";

const language = document.documentElement.lang;
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
export const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 4 });
const short = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

const isRated = (category) => text(category, "kind") === "rated";
const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
const isOn = (part, name) => field(part, name).checked;

/** The row's own element for this is shown when `on`. */
const toggle = (part, selector, on) => (own(part, selector).hidden = !on);

/** Row -> share of the whole, as rubric.py counts: over all weights, or first over the groups' own. */
export function sharesOf(card) {
  const weighed = isOn(card, "weigh_groups");
  const groups = rows(card, "groups").map((group) => {
    const rated = rows(group, "categories").filter(isRated);
    return { group, rated, total: sum(rated.map((each) => numberOf(each, "weight"))), own: numberOf(group, "weight") };
  });
  const counted = groups.filter((each) => each.total > 0);
  const whole = sum(counted.map((each) => (weighed ? each.own : each.total)));
  const shares = new Map();
  for (const { group, rated, total, own: weight } of groups) {
    const share = whole && total ? (weighed ? weight : total) / whole : 0;
    shares.set(group, share);
    for (const category of rated) shares.set(category, total ? (share * numberOf(category, "weight")) / total : 0);
  }
  return shares;
}

function shareWords(category, shares) {
  if (isRated(category)) return percent.format(shares.get(category));
  const sentence = text(category, "kind") === "bonus" ? words.bonus_most : words.deduction_most;
  return say(sentence, { points: decimal.format(numberOf(category, "weight")) });
}

function optionWorth(category) {
  const options = rows(category, "options");
  const points = options.map((option) => numberOf(option, "points"));
  const [low, high] = [Math.min(...points), Math.max(...points)];
  options.forEach((option, place) => {
    ownPart(option, "worth").textContent = high > low ? percent.format((points[place] - low) / (high - low)) : "–";
  });
}

/** What a category asks, in one muted line below its name. */
function basics(category) {
  const scale = field(category, "scale");
  const count = rows(category, "options").length;
  return [
    scale.value ? scale.selectedOptions[0].dataset.short : say(words.own_options, { count }),
    !isRated(category) && words[text(category, "kind")],
  ];
}

function causesIn(category) {
  return sum(["negative", "positive"].map((name) => readCauses(field(category, `root_causes/${name}`).value).length));
}

/** What is set under "More", in words. */
function extras(category) {
  const tags = [...category.querySelectorAll("[data-tag]:checked")].length + text(category, "other_tags").split(/[\s,]+/).filter(Boolean).length;
  const causes = causesIn(category) + (isOn(category, "root_causes/other") ? 1 : 0);
  const conditions = countConditions(category);
  return [
    isRated(category) && !isOn(category, "allow_na") && words.no_na,
    { always: words.comment_always, negative: words.comment_negative }[text(category, "comment_required")],
    tags && say(words.tags, { count: tags }),
    causes && say(words.causes, { count: causes }),
    conditions && say(words.conditions, { count: conditions }),
  ];
}

const joined = (all) => all.filter(Boolean).join(" · ");

function arrangeCategory(category, shares) {
  const critical = isRated(category) && text(category, "critical") !== "none";
  const ready = text(category, "scale") !== "";
  toggle(category, "[data-own]", !ready);
  toggle(category, "[data-ready]", ready);
  for (const each of category.querySelectorAll("[data-rated]")) each.hidden = !isRated(category);
  toggle(category, '[data-shown="critical"]', critical);
  own(category, '[data-shown="critical"] > span').textContent = critical ? words[`critical_${text(category, "critical")}`] : "";
  ownPart(category, "basics").textContent = joined([...basics(category), ...(isOpen(category) ? [] : extras(category))]);
  ownPart(category, "extras").textContent = joined(extras(category)) || words.nothing_set;
  ownPart(category, "share").textContent = shareWords(category, shares);
  for (const option of rows(category, "options")) toggle(option, "[data-when-critical]", critical);
  if (!ready) optionWorth(category);
}

function arrangeQuestion(question) {
  const answer = text(question, "answer");
  toggle(question, "[data-choices-of]", answer === "choice");
  toggle(question, "[data-answered]", answer !== "instruction");
  const conditions = countConditions(question);
  ownPart(question, "extras").textContent = joined([
    answer !== "instruction" && isOn(question, "required") && words.required,
    conditions && say(words.conditions, { count: conditions }),
  ]);
}

function arrangeGroup(group, share, weighed) {
  toggle(group, "[data-weighed]", weighed);
  toggle(group, "[data-unweighed]", !weighed);
  ownPart(group, "share").textContent = percent.format(share);
  own(group, "[data-list='questions']").hidden = !rows(group, "questions").length;
}

/** The side panel: a bar for each group. */
function drawBars(card, shares, panel) {
  const template = document.querySelector('template[data-template="bar"]');
  panel.replaceChildren(...rows(card, "groups").map((group) => {
    const bar = template.content.firstElementChild.cloneNode(true);
    bar.querySelector("dt").textContent = text(group, "name") || words.unnamed_group;
    bar.querySelector("[data-value]").textContent = percent.format(shares.get(group));
    bar.style.setProperty("--share", shares.get(group));
    return bar;
  }));
}

/* Whether a row shows its details */

export const isOpen = (part) => own(part, "[data-toggle]")?.getAttribute("aria-expanded") === "true";

export function setOpen(part, on) {
  own(part, "[data-toggle]").setAttribute("aria-expanded", String(on));
  own(part, "[data-body]").hidden = !on;
}

/** Groups that get weights of their own begin with the shares they had. */
export function prefillGroupWeights(card, shares) {
  for (const group of rows(card, "groups")) {
    const weight = field(group, "weight");
    if (!weight.value.trim()) weight.value = String(Math.round((shares.get(group) ?? 0) * 1000) / 10);
  }
}

/** Brings everything derived up to date. */
export function arrange(card, form) {
  const shares = sharesOf(card);
  const categories = categoriesOf(card);
  for (const group of rows(card, "groups")) {
    arrangeGroup(group, shares.get(group), isOn(card, "weigh_groups"));
    rows(group, "questions").forEach(arrangeQuestion);
  }
  for (const category of categories) arrangeCategory(category, shares);
  drawBars(card, shares, form.querySelector("[data-bars]"));
  form.querySelector('[data-count="categories"]').textContent = decimal.format(categories.length);
  form.querySelector('[data-count="weight"]').textContent = short.format(sum(categories.filter(isRated).map((each) => numberOf(each, "weight"))));
}
