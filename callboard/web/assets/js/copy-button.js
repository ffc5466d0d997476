// <copy-button for="id">: its button copies the text of that element, or of its attribute `text`.
import { announce, copy } from './announce.js';

customElements.define(
  'copy-button',
  class extends HTMLElement {
    connectedCallback() {
      this.addEventListener('click', () => {
        const text = this.getAttribute('text') ?? document.getElementById(this.getAttribute('for'))?.textContent;
        copy(text ?? '', 'Copied').catch(() => announce('The browser did not allow copying'));
      });
    }
  },
);
