// <live-entity ref="component:default/x">: replaces its content when the entity changes, without a reload.
import htmx from 'htmx.org';
import { announce } from './announce.js';

customElements.define(
  'live-entity',
  class extends HTMLElement {
    connectedCallback() {
      this.onVisible = () => (document.hidden ? this.close() : this.open());
      document.addEventListener('visibilitychange', this.onVisible);
      this.onVisible();
    }

    disconnectedCallback() {
      document.removeEventListener('visibilitychange', this.onVisible);
      this.close();
    }

    // A browser has few connections to one host, so only the tab that is looked at holds one.
    open() {
      if (this.events) return;
      this.events = new EventSource(`/-/changes?ref=${encodeURIComponent(this.getAttribute('ref'))}`);
      this.events.addEventListener('changed', () => this.renew());
      // After a break, or in a tab that was hidden, a change may have been missed.
      this.events.addEventListener('open', () => {
        if (this.opened) this.renew();
        this.opened = true;
      });
    }

    close() {
      this.events?.close();
      this.events = undefined;
    }

    async renew() {
      // The header says that nobody came to look: this is no visit.
      const answer = await fetch(location.href, { headers: { accept: 'text/html', 'x-live': '1' } });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.querySelector('live-entity');
      const kept = document.activeElement?.id;
      if (!fresh) {
        announce('This entity is no longer in the catalog');
        return;
      }
      // A stream that was opened anew may have missed nothing; a form that is being filled in then stays.
      const etag = fresh.getAttribute('etag');
      if (etag === this.getAttribute('etag')) return;
      this.setAttribute('etag', etag);
      const open = [...this.querySelectorAll('details[open][id]')].map((one) => one.id);
      this.replaceChildren(...fresh.childNodes);
      for (const id of open) document.getElementById(id)?.setAttribute('open', '');
      htmx.process(this);
      if (kept) document.getElementById(kept)?.focus({ preventScroll: true });
      announce('This page was brought up to date');
    }
  },
);
