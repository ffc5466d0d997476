// <market-search data-index="…">: searches a built site, which has no server to ask. Around the list of listings.
// The index is a JSON array of [path, title, summary, publisher, words]; it is loaded with the first letter.

const MOST = 60;

/** The entries that hold every word, those with a word in the title first. */
export function search(entries, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
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
    #entries;
    #whole; // what the page shows without a search

    connectedCallback() {
      if (!this.dataset.index) return;
      const form = this.querySelector('form');
      const field = form.elements.q;
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        this.#show(field.value);
      });
      field.addEventListener('input', () => this.#show(field.value));
      const asked = new URLSearchParams(location.search).get('q');
      if (asked) {
        field.value = asked;
        this.#show(asked);
      }
    }

    async #show(text) {
      const results = this.querySelector('.browse-results');
      this.#whole ??= [...results.childNodes];
      const term = text.trim();
      if (!term) {
        results.replaceChildren(...this.#whole);
        return;
      }
      this.#entries ??= fetch(this.dataset.index).then((answer) => answer.json());
      const found = search(await this.#entries, term);
      if (this.querySelector('form').elements.q.value.trim() !== term) return; // there are newer words
      const told = document.createElement('p');
      told.setAttribute('role', 'status');
      told.className = 'browse-head';
      told.textContent = this.#said(found.length, term);
      if (!found.length) {
        const help = Object.assign(document.createElement('p'), { className: 'soft', textContent: this.dataset.help });
        results.replaceChildren(told, help);
        return;
      }
      const list = Object.assign(document.createElement('ul'), { className: 'tiles' });
      list.setAttribute('role', 'list');
      list.append(...found.slice(0, MOST).map(tile));
      results.replaceChildren(told, list);
    }

    /** How many were found, in the words of the page. */
    #said(count, term) {
      const { none, one, many } = this.dataset;
      const text = count === 0 ? none : count === 1 ? one : many;
      return text.replace('{count}', () => count.toLocaleString()).replace('{term}', () => term);
    }
  },
);
