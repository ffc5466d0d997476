// <market-compare>: puts two or three listings of a built site side by side. What stands of each in the table is in
// its own page; which ones are compared stands in the address.

import { index, made, search } from './market-index.js';

const MOST = 3;
const CHOICES = 12;
const PATH = /^[\w.~%-]+\/[\w.~%-]+$/; // namespace and name, as addresses write them

customElements.define(
  'market-compare',
  class extends HTMLElement {
    #chosen = [];

    async connectedCallback() {
      const asked = new URLSearchParams(location.search);
      const wanted = [...new Set(asked.getAll('with'))].filter((path) => PATH.test(path)).slice(0, MOST);
      const columns = (await Promise.all(wanted.map((path) => this.#read(path)))).filter(Boolean);
      this.#chosen = columns.map((column) => column.path);
      this.#compare(columns);
      this.querySelector('.compare-full').hidden = columns.length < MOST;
      const section = this.querySelector('section');
      section.hidden = columns.length >= MOST;
      if (columns.length) section.querySelector('h2').textContent = this.dataset.add;
      const field = section.querySelector('form').elements.q;
      section.querySelector('form').addEventListener('submit', (event) => {
        event.preventDefault();
        this.#offer(field.value);
      });
      field.addEventListener('input', () => this.#offer(field.value));
      field.value = asked.get('q') ?? '';
      if (!section.hidden) await this.#offer(field.value);
    }

    /** What a listing's page says of it for the table; nothing where there is no such listing. */
    async #read(path) {
      const answer = await fetch(`${this.dataset.listings}${path}/`);
      if (!answer.ok) return undefined;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const found = page.getElementById('compared');
      return found ? { path, ...JSON.parse(found.textContent) } : undefined;
    }

    #compare(columns) {
      const head = this.querySelector('thead tr');
      for (const column of columns) {
        const cell = made(this, 'column');
        const others = this.#chosen.filter((path) => path !== column.path);
        this.#link(cell, column.path, column.title, others);
        head.append(cell);
      }
      for (const [at, row] of [...this.querySelectorAll('tbody tr')].entries()) {
        const values = columns.map((column) => column.values[at]);
        row.hidden = !values.some(Boolean);
        row.append(...values.map((value) => Object.assign(document.createElement('td'), { textContent: value || '–' })));
      }
      this.querySelector('.compare-wrap').hidden = !columns.length;
    }

    /** Listings that may be compared as well: those found for the words, or else the most popular. */
    async #offer(text) {
      const term = text.trim();
      const { entries } = await index(this.dataset.index);
      if (this.querySelector('form').elements.q.value.trim() !== term) return; // there are newer words
      const offered = search(entries, term)
        .map(([path, title, , publisher]) => ({ path: path.slice(this.dataset.listings.length), title, publisher }))
        .filter(({ path }) => !this.#chosen.includes(path))
        .slice(0, CHOICES);
      const items = offered.map(({ path, title, publisher }) => {
        const item = made(this, 'option');
        this.#link(item, path, title, [...this.#chosen, path]);
        item.querySelector('div > span').textContent = publisher;
        return item;
      });
      const said = offered.length ? this.dataset.found : this.dataset.none;
      this.querySelector('[role="status"]').textContent = term ? `${said} “${term}”` : '';
      this.querySelector('.compare-options').replaceChildren(...items);
    }

    /** Fills the title, and the button that leads to the comparison of `paths`. */
    #link(within, path, title, paths) {
      const [name, button] = within.querySelectorAll('a');
      name.href = this.dataset.listings + path;
      name.firstElementChild.textContent = title;
      button.lastElementChild.textContent = ` ${title}`;
      const query = new URLSearchParams(paths.map((one) => ['with', one])).toString();
      button.href = query ? `${this.dataset.page}?${query}` : this.dataset.page;
    }
  },
);
