// What the Definition tab of an API loads: a filter over its entries, links that open what they point at, and
// the form that tries an operation. Everything else of the page works without it.

customElements.define(
  'api-filter',
  class extends HTMLElement {
    connectedCallback() {
      const bar = this.querySelector('.api-filter-bar');
      if (!bar) return;
      this.entries = [...this.querySelectorAll('[data-filter]')];
      this.field = bar.querySelector('input');
      this.field.addEventListener('input', () => this.narrow());
      bar.querySelector('[data-open]').addEventListener('click', (event) => this.openAll(event.currentTarget));
    }

    narrow() {
      const words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const entry of this.entries) {
        entry.hidden = !words.every((word) => entry.dataset.filter.includes(word));
        if (!entry.hidden) count += 1;
      }
      for (const section of this.querySelectorAll('.api-section')) {
        section.hidden = words.length > 0 && !section.querySelector('[data-filter]:not([hidden])');
      }
      this.querySelector('[data-nothing]').hidden = count > 0;
      this.querySelector('[data-count]').textContent = words.length ? `${count} of ${this.entries.length}` : '';
    }

    openAll(button) {
      const open = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(open));
      for (const entry of this.entries) if (entry.localName === 'details' && !entry.hidden) entry.open = open;
    }
  },
);

// An entry that a link points at opens, and what was filtered away comes back for it.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest('.api-docs')) return;
  for (let at = target; at; at = at.parentElement) {
    if (at.localName === 'details') at.open = true;
    if (at.matches('[data-filter], .api-section')) at.hidden = false;
  }
  target.scrollIntoView();
}
addEventListener('hashchange', reveal);
if (location.hash) reveal();

// What a path segment may hold; a slash in a value would lead elsewhere.
const inPath = (value) => encodeURIComponent(value);

// <try-operation data-method data-path>: composes the request from its form and shows the answer as text.
customElements.define(
  'try-operation',
  class extends HTMLElement {
    connectedCallback() {
      this.form = this.querySelector('form');
      this.answer = this.querySelector('[data-answer]');
      this.form.addEventListener('submit', (event) => {
        event.preventDefault();
        this.send();
      });
      const type = this.form.querySelector('[data-type]');
      type?.addEventListener('change', () => {
        this.form.querySelector('[data-body]').value = type.selectedOptions[0].dataset.example;
      });
    }

    request() {
      let path = this.dataset.path;
      const query = new URLSearchParams();
      const headers = [];
      const cookies = [];
      for (const field of this.form.querySelectorAll('[data-place]')) {
        const { place, name } = field.dataset;
        if (place === 'path') path = path.replaceAll(`{${name}}`, inPath(field.value));
        else if (field.value === '' && !field.required) continue;
        else if (place === 'query') query.append(name, field.value);
        else if (place === 'header') headers.push([name, field.value]);
        else cookies.push(`${name}=${field.value}`);
      }
      if (cookies.length) headers.push(['Cookie', cookies.join('; ')]);
      for (const line of this.form.querySelector('[data-headers]').value.split('\n')) {
        const at = line.indexOf(':');
        if (at > 0) headers.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
      }
      const body = this.form.querySelector('[data-body]')?.value ?? '';
      const type = this.form.querySelector('[data-type]')?.value;
      const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
      if (body && type && !typed) headers.push(['Content-Type', type]);
      const base = this.form.querySelector('[data-server]').value.replace(/\/+$/, '');
      const search = query.size ? `?${query}` : '';
      return { method: this.dataset.method, url: base + path + search, headers, body };
    }

    async send() {
      const button = this.form.querySelector('button');
      const request = this.request();
      button.disabled = true;
      this.show(line(`${request.method} ${request.url} …`));
      try {
        const response = await fetch('/api-docs/try', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(request),
        });
        const result = await response.json();
        if (response.ok) this.show(...answered(request, result));
        else this.show(line(result.error?.message ?? 'That did not work.', 'api-refused'));
      } catch {
        this.show(line('The portal could not be reached, or did not answer as expected.', 'api-refused'));
      } finally {
        button.disabled = false;
      }
    }

    show(...parts) {
      this.answer.replaceChildren(...parts);
    }
  },
);

function answered(request, result) {
  const tone = { 2: 'good', 3: 'note', 4: 'warn', 5: 'bad' }[Math.floor(result.status / 100)] ?? '';
  const status = element('span', `${result.status} ${result.reason}`.trim(), `badge ${tone}`);
  const head = element('p', '', 'api-line');
  head.append(status, ` ${result.milliseconds} ms, ${result.size.toLocaleString()} bytes`);
  const parts = [line(`${request.method} ${result.url}`, 'api-called'), head];
  const notes = [...result.notes];
  if (result.isCut) notes.push('The answer is longer than what is shown.');
  for (const note of notes) parts.push(line(note, 'soft'));
  const headers = document.createElement('details');
  headers.className = 'disclosure';
  const text = result.headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  headers.append(element('summary', `Headers (${result.headers.length})`), block(text, 'Headers of the answer'));
  parts.push(headers);
  if (result.text) parts.push(block(result.text, 'Body of the answer'));
  return parts;
}

// Always textContent: what comes back is somebody else's, whatever it says to be.
function element(name, text, className = '') {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

const line = (text, className = '') => element('p', text, className);

function block(text, label) {
  const made = element('pre', text, 'api-body');
  made.tabIndex = 0;
  made.setAttribute('role', 'group');
  made.setAttribute('aria-label', label);
  return made;
}
