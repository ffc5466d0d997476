// What searching and comparing share. The index of a built site, which has no server to ask: {facets: [[name, title, [[value, text], …]], …], entries:
// [[path, title, summary, publisher, words, [[number of a value, …] for each facet]], …]}, by popularity.

let loading;

/** The index at a path, loaded once. Rejected when it cannot be had; the next call tries again. */
export function index(path) {
  loading ??= fetch(path).then((answer) => {
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  });
  loading.catch(() => { loading = undefined; });
  return loading;
}

/** The entries that hold every word, those with a word in the title first. */
export function search(entries, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return entries;
  const found = [];
  for (const [at, entry] of entries.entries()) {
    const title = entry[1].toLowerCase();
    const whole = `${title} ${entry[2]} ${entry[3]} ${entry[4]}`.toLowerCase();
    if (!words.every((word) => whole.includes(word))) continue;
    const score = words.reduce((sum, word) => sum + (title.startsWith(word) ? 3 : title.includes(word) ? 2 : 0), 0);
    found.push([score, at]);
  }
  found.sort((one, other) => other[0] - one[0] || one[1] - other[1]);
  return found.map(([, at]) => entries[at]);
}

/** Those of some entries that have one of the values chosen of each facet; `but` is a facet that is not asked. */
export function filtered(entries, chosen, but = -1) {
  const asked = chosen.flatMap((values, facet) => (values.size && facet !== but ? [[values, facet]] : []));
  if (!asked.length) return entries;
  return entries.filter((entry) => asked.every(([values, facet]) => entry[5][facet].some((one) => values.has(one))));
}

/** How many of the entries have each value of a facet: by the number of the value. */
export function counted(entries, facet) {
  const counts = new Map();
  for (const entry of entries) for (const one of entry[5][facet]) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

/** A copy of what stands in `<template data-name>` within an element. */
export function made(within, name) {
  return within.querySelector(`template[data-${name}]`).content.firstElementChild.cloneNode(true);
}
