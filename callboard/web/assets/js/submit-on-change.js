// <submit-on-change>: around a form of choices; its submit button is only needed without JavaScript.
customElements.define(
  'submit-on-change',
  class extends HTMLElement {
    connectedCallback() {
      for (const button of this.querySelectorAll('[data-without-script]')) button.hidden = true;
      this.addEventListener('change', (event) => event.target.form?.requestSubmit());
    }
  },
);
