// <row-keys>: around a table whose rows each hold a link; J and K or the arrows go from row to row, and
// the links of rel=prev and rel=next, anywhere inside, answer to [ and ].
customElements.define(
  'row-keys',
  class extends HTMLElement {
    connectedCallback() {
      this.onKey = (event) => this.key(event);
      document.addEventListener('keydown', this.onKey);
    }

    disconnectedCallback() {
      document.removeEventListener('keydown', this.onKey);
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target.closest?.('input:not([type=checkbox]), textarea, select, dialog')) return;
      const inside = this.contains(event.target);
      if (event.key === 'j' || (event.key === 'ArrowDown' && inside)) this.move(1, event);
      else if (event.key === 'k' || (event.key === 'ArrowUp' && inside)) this.move(-1, event);
      else if (event.key === '[') this.querySelector('a[rel=prev]')?.click();
      else if (event.key === ']') this.querySelector('a[rel=next]')?.click();
    }

    move(step, event) {
      const links = [...this.querySelectorAll('tbody tr th a')];
      if (!links.length) return;
      const row = document.activeElement?.closest('tr');
      const at = links.findIndex((link) => row?.contains(link));
      const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
      links[next].focus();
      event.preventDefault();
    }
  },
);
