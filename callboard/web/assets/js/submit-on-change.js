// <submit-on-change>: around a form of choices; its submit button has the class without-script.
customElements.define(
  'submit-on-change',
  class extends HTMLElement {
    connectedCallback() {
      this.addEventListener('change', (event) => event.target.form?.requestSubmit());
    }
  },
);
