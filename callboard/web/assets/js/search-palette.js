// <search-palette>: around the search form of the page's head. `/` or Ctrl-K opens a dialog that searches
// as one types; without JavaScript the form leads to the page of all results.
import { announce, copy } from './announce.js';

const WAIT = 40; // ms; a fast typist's keys come every 60 to 100

customElements.define(
  'search-palette',
  class extends HTMLElement {
    connectedCallback() {
      this.dialog = document.getElementById('palette');
      if (!this.dialog) return;
      this.input = this.dialog.querySelector('input');
      this.list = this.dialog.querySelector('[role=listbox]');
      this.onKey = (event) => this.globalKey(event);
      document.addEventListener('keydown', this.onKey);
      this.querySelector('input').addEventListener('pointerdown', (event) => {
        event.preventDefault();
        this.open();
      });
      this.input.addEventListener('input', () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.search(), WAIT);
      });
      this.dialog.addEventListener('keydown', (event) => this.dialogKey(event));
      this.dialog.addEventListener('click', (event) => {
        if (event.target === this.dialog) this.dialog.close();
        const option = event.target.closest('[role=option]');
        if (option) location.assign(option.dataset.path);
      });
    }

    disconnectedCallback() {
      document.removeEventListener('keydown', this.onKey);
    }

    globalKey(event) {
      const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
      const wanted = ((event.ctrlKey || event.metaKey) && event.key === 'k') || (event.key === '/' && !typing);
      if (!wanted || this.dialog.open) return;
      event.preventDefault();
      this.open();
    }

    open() {
      this.dialog.showModal();
      this.input.value = this.querySelector('input').value;
      this.input.select();
      this.search();
    }

    async search() {
      this.asked?.abort();
      this.asked = new AbortController();
      const url = `/search/suggest?term=${encodeURIComponent(this.input.value)}`;
      try {
        const answer = await fetch(url, { signal: this.asked.signal });
        if (!answer.ok) return;
        this.list.innerHTML = await answer.text(); // made and escaped by our own server
        this.select(0);
      } catch (error) {
        if (error.name !== 'AbortError') announce('The search did not answer');
      }
    }

    get options() {
      return [...this.list.querySelectorAll('[role=option]')];
    }

    select(at) {
      const options = this.options;
      this.at = options.length ? (at + options.length) % options.length : -1;
      options.forEach((option, index) => option.setAttribute('aria-selected', index === this.at));
      const chosen = options[this.at];
      if (chosen) this.input.setAttribute('aria-activedescendant', chosen.id);
      else this.input.removeAttribute('aria-activedescendant');
      chosen?.scrollIntoView({ block: 'nearest' });
    }

    dialogKey(event) {
      const chosen = this.options[this.at];
      const letter = event.altKey ? event.code : event.key;
      const action = {
        ArrowDown: () => this.select(this.at + 1),
        ArrowUp: () => this.select(this.at - 1),
        Enter: () => location.assign(chosen?.dataset.path ?? `/search?term=${encodeURIComponent(this.input.value)}`),
        Escape: () => this.dialog.close(), // a search field would first only be emptied
        KeyC: () => chosen?.dataset.ref && copy(chosen.dataset.ref, `Copied ${chosen.dataset.ref}`),
        KeyR: () => chosen?.dataset.ref && this.refresh(chosen.dataset.ref),
      }[letter];
      if (!action) return;
      event.preventDefault();
      action();
    }

    async refresh(entityRef) {
      const answer = await fetch('/api/catalog/refresh', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ entityRef }),
      });
      announce(answer.ok ? `${entityRef} is being read again` : `${entityRef} could not be refreshed`);
    }
  },
);
