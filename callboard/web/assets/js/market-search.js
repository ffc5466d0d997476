// <market-search data-index="…">: searches and filters a built site, which has no server to ask. Around the list of
// listings. The index is loaded when it is needed; what is asked for stands in the address.

import { counted, filtered, index, made, search } from './market-index.js';

const PORTION = 60; // listings shown at once
const FIRST = 12; // values of a facet; the others are opened

function tile([path, title, summary, publisher]) {
  const item = document.createElement('li');
  item.className = 'tile';
  const heading = document.createElement('h2');
  const link = document.createElement('a');
  link.href = path;
  link.append(Object.assign(document.createElement('bdi'), { textContent: title }));
  heading.append(link);
  const by = Object.assign(document.createElement('p'), { className: 'soft small', textContent: publisher });
  const text = Object.assign(document.createElement('p'), { className: 'tile-text', textContent: summary });
  item.append(heading, by, text);
  return item;
}

customElements.define(
  'market-search',
  class extends HTMLElement {
    #whole; // what the page shows without a question
    #chosen; // for each facet, the numbers of the values that are chosen
    #facets; // as the index has them, once they are shown
    #asked; // what the page and its address ask for at first
    #here = location.pathname;

    connectedCallback() {
      if (!this.dataset.index) return;
      const form = this.querySelector('form');
      this.#whole = [...this.querySelector('.browse-results').childNodes];
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        this.#show();
      });
      form.elements.q.addEventListener('input', () => this.#show());
      const button = this.querySelector('.all-facets');
      button.hidden = false;
      button.addEventListener('click', () => this.#open().then(() => this.querySelector('.facets a')?.focus()));
      this.querySelector('.facets').addEventListener('click', (event) => this.#choose(event));
      this.#asked = new URLSearchParams(location.search);
      form.elements.q.value = this.#asked.get('q') ?? '';
      this.#asked.delete('q');
      const further = this.#asked.toString();
      // A list of one category says so in its form.
      for (const { name, value } of form.querySelectorAll('input[type="hidden"]:not([name="sort"])')) this.#asked.append(name, value);
      if (further) this.#open();
      else if (form.elements.q.value) this.#show();
    }

    /** Shows every facet, with the values chosen that are asked for. */
    async #open() {
      const { facets } = await index(this.dataset.index);
      const asked = this.#asked;
      this.#chosen = facets.map(([name, , values]) => {
        const wanted = asked.getAll(name).map((value) => value.toLowerCase());
        return new Set(values.flatMap(([value], at) => (wanted.includes(value.toLowerCase()) ? [at] : [])));
      });
      this.#facets = facets;
      this.querySelector('.all-facets').hidden = true;
      await this.#show();
    }

    #choose(event) {
      const link = event.target.closest('a[data-value]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const values = this.#chosen[link.dataset.facet];
      const value = Number(link.dataset.value);
      if (!values.delete(value)) values.add(value);
      const { facet } = link.dataset;
      this.#show().then(() => this.querySelector(`a[data-facet="${facet}"][data-value="${value}"]`)?.focus());
    }

    async #show() {
      const field = this.querySelector('form').elements.q;
      const term = field.value.trim();
      const part = this.#asked.toString(); // the page is a list of some listings only
      if (term && part && !this.#facets) return this.#open();
      const asks = term || this.#chosen?.some((values) => values.size) || (part && this.#facets);
      if (asks || this.#facets) {
        const { entries } = await index(this.dataset.index);
        if (field.value.trim() !== term) return; // there are newer words
        const worded = search(entries, term);
        if (this.#facets) this.#showFacets(worded, term);
        if (asks) this.#showFound(filtered(worded, this.#chosen ?? []), term);
      }
      if (!asks) this.querySelector('.browse-results').replaceChildren(...this.#whole);
      history.replaceState(null, '', asks || this.#facets ? this.#address(term) : this.#here);
    }

    #showFound(found, term) {
      const head = made(this, 'head');
      head.querySelector('strong').textContent = this.#said(found.length, term);
      const results = this.querySelector('.browse-results');
      if (!found.length) {
        const help = Object.assign(document.createElement('p'), { className: 'soft', textContent: this.dataset.help });
        results.replaceChildren(head, help);
        return;
      }
      const list = Object.assign(document.createElement('ul'), { className: 'tiles' });
      list.setAttribute('role', 'list');
      const more = made(this, 'more');
      const add = () => {
        const before = list.children.length;
        list.append(...found.slice(before, before + PORTION).map(tile));
        if (list.children.length === found.length) more.remove();
        if (before) list.children[before].querySelector('a').focus();
      };
      more.querySelector('button').addEventListener('click', add);
      results.replaceChildren(head, list, more);
      add();
    }

    #showFacets(worded, term) {
      const sections = this.#facets.flatMap(([name, title, values], facet) => {
        const counts = counted(filtered(worded, this.#chosen, facet), facet);
        const chosen = this.#chosen[facet];
        const shown = values.map((_, at) => at).filter((at) => counts.has(at) || chosen.has(at));
        if (shown.length < 2 && !chosen.size) return [];
        shown.sort((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0) || one - other);
        const first = shown.filter((at, place) => place < FIRST || chosen.has(at));
        const rest = shown.filter((at) => !first.includes(at));
        const item = (at) => this.#choice(facet, at, values[at][1], counts.get(at) ?? 0, term);
        const section = made(this, 'facet');
        const heading = section.querySelector('h2');
        heading.id = `facet-${name}`;
        heading.textContent = title;
        section.setAttribute('aria-labelledby', heading.id);
        section.querySelector('ul').append(...first.map(item));
        if (rest.length) {
          const further = made(this, 'rest');
          further.querySelector('span').textContent = ` ${title}`;
          further.querySelector('ul').append(...rest.map(item));
          section.append(further);
        }
        return [section];
      });
      this.querySelector('.facets').replaceChildren(...sections);
    }

    #choice(facet, value, text, count, term) {
      const item = made(this, 'choice');
      const link = item.querySelector('a');
      link.querySelector('bdi').textContent = text;
      link.querySelector('.count').textContent = count.toLocaleString();
      Object.assign(link.dataset, { facet, value });
      if (this.#chosen[facet].has(value)) {
        link.classList.add('chosen');
        link.setAttribute('aria-current', 'true');
        link.querySelector('.facet-text').prepend(made(this, 'chosen'));
      }
      link.href = this.#address(term, facet, value);
      return item;
    }

    /** The address of what is asked for, with a value of a facet added or taken away. */
    #address(term, facet = -1, value = -1) {
      const asked = new URLSearchParams(term ? { q: term } : {});
      this.#facets?.forEach(([name, , values], at) => {
        const chosen = new Set(this.#chosen[at]);
        if (at === facet && !chosen.delete(value)) chosen.add(value);
        for (const one of chosen) asked.append(name, values[one][0]);
      });
      const query = asked.toString();
      return query ? `${this.dataset.page}?${query}` : this.dataset.page;
    }

    /** How many were found, in the words of the page. */
    #said(count, term) {
      const { none, one, many, anyNone, anyOne, anyMany } = this.dataset;
      const texts = term ? [none, one, many] : [anyNone, anyOne, anyMany];
      return texts[Math.min(count, 2)].replace('{count}', () => count.toLocaleString()).replace('{term}', () => term);
    }
  },
);
