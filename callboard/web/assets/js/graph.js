// <relation-graph>: makes the picture of a graph move, zoom and answer to keys. The picture itself is the server's.
import { announce } from './announce.js';
import { frame, nextNode, readNodes, words } from './graph-nodes.js';
import { savePng } from './graph-png.js';

const SMALLEST = 0.02;
const LARGEST = 3;
const READABLE = 0.55; // at first a large picture is shown around its root, not as dust
const STEP = 1.25;
const REST = 180; // ms without movement until the picture is drawn sharply again
const HOVER = 40; // ms the pointer stays on a node until its edges shine
const WORDS_ON_EDGES = 24;
const LARGE = 300; // nodes; beyond this the picture becomes a layer that moves without being painted
const PAGES = { PageDown: 1, PageUp: -1 };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

customElements.define(
  'relation-graph',
  class extends HTMLElement {
    #x = 0;
    #y = 0;
    #scale = 1;
    #pointers = new Map();
    #moved = 0;
    #frame = 0;
    #rest = 0;
    #hover = 0;
    #sharp = 1; // the scale at which the layer was last painted

    connectedCallback() {
      this.window = this.querySelector('.graph-window');
      this.picture = this.querySelector('.graph-picture');
      this.tools = this.querySelector('.graph-tools');
      if (!this.picture) return;
      this.size = { width: this.picture.width.baseVal.value, height: this.picture.height.baseVal.value };
      this.#readGraph();
      this.classList.add('live');
      this.#listen();
      this.#begin();
    }

    #readGraph() {
      this.nodes = readNodes(this.picture);
      // What shines lies in a picture of its own above, so that the large one is not painted again.
      this.over = this.picture.cloneNode(false);
      this.over.removeAttribute('role');
      this.over.removeAttribute('aria-label');
      this.over.setAttribute('aria-hidden', 'true');
      this.over.classList.add('over');
      this.picture.after(this.over);
      this.large = this.nodes.length > LARGE;
      this.window.classList.toggle('large', this.large);
      if (this.large) for (const { style } of [this.picture, this.over]) style.willChange = 'transform';
      // One stop of the tab key for the whole picture; arrow keys go on from there.
      for (const { link } of this.nodes) link.setAttribute('tabindex', '-1');
      this.nodes[0]?.link.setAttribute('tabindex', '0');
    }

    #listen() {
      const view = this.window;
      view.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
      view.addEventListener('pointerdown', (event) => this.#down(event));
      view.addEventListener('pointermove', (event) => this.#drag(event));
      for (const name of ['pointerup', 'pointercancel']) view.addEventListener(name, (event) => this.#up(event));
      view.addEventListener('click', (event) => this.#click(event), true);
      // A press would begin to select text, and every move then looks through all of it.
      view.addEventListener('mousedown', (event) => {
        event.preventDefault();
        if (!this.#nodeOf(event.target)) view.focus({ preventScroll: true });
      });
      view.addEventListener('dragstart', (event) => event.preventDefault());
      view.addEventListener('keydown', (event) => this.#key(event));
      // Browsers scroll what has focus into view, which would move the picture a second time.
      view.addEventListener('scroll', () => view.scrollTo(0, 0));
      this.picture.addEventListener('pointerover', (event) => {
        clearTimeout(this.#hover);
        this.#hover = setTimeout(() => this.#light(this.#nodeOf(event.target)), HOVER);
      });
      this.picture.addEventListener('focusin', (event) => this.#focused(this.#nodeOf(event.target)));
      this.tools.addEventListener('click', (event) => this.#tool(event.target.closest('[data-zoom]')));
      this.addEventListener('fullscreenchange', () => {
        const full = document.fullscreenElement === this;
        this.tools.querySelector('[data-zoom="full"]').setAttribute('aria-pressed', String(full));
        this.fit();
      });
      const page = this.closest('.graph-page');
      const svg = page?.querySelector('a[href^="/catalog-graph.svg"]');
      const png = page?.querySelector('[data-graph-png]');
      if (!svg || !png) return;
      png.addEventListener('click', async () => {
        png.disabled = true;
        try {
          await savePng(svg.href, this.size);
        } catch (error) {
          announce(`The PNG could not be made: ${error.message}`);
        } finally {
          png.disabled = false;
        }
      });
    }

    // ---- where the picture is

    #begin() {
      this.fit();
      const root = this.nodes[0];
      if (this.#scale >= READABLE || !root) return;
      this.#scale = READABLE;
      const { width, height } = this.window.getBoundingClientRect();
      // Around the root, but without empty space where the picture goes on at the other side.
      const place = (window, whole, at) => (whole < window ? (window - whole) / 2 : Math.max(window - whole, Math.min(0, window / 2 - at)));
      this.#x = place(width, this.size.width * READABLE, root.x * READABLE);
      this.#y = place(height, this.size.height * READABLE, root.y * READABLE);
      this.#show();
    }

    fit() {
      const { width, height } = this.window.getBoundingClientRect();
      this.#scale = Math.max(SMALLEST, Math.min(width / this.size.width, height / this.size.height, 1));
      this.#x = (width - this.size.width * this.#scale) / 2;
      this.#y = (height - this.size.height * this.#scale) / 2;
      this.#show();
    }

    zoom(factor, x = this.window.clientWidth / 2, y = this.window.clientHeight / 2) {
      const scale = Math.min(LARGEST, Math.max(SMALLEST, this.#scale * factor));
      this.#x = x - ((x - this.#x) * scale) / this.#scale;
      this.#y = y - ((y - this.#y) * scale) / this.#scale;
      this.#scale = scale;
      this.#show();
    }

    pan(x, y) {
      this.#x += x;
      this.#y += y;
      this.#show();
    }

    #show() {
      // While it moves, a shield keeps the browser from looking for what is under the pointer.
      this.window.classList.add('moving');
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0;
        const moved = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
        this.picture.style.transform = this.over.style.transform = moved;
        clearTimeout(this.#rest);
        this.#rest = setTimeout(() => this.#settle(), REST);
      });
    }

    #settle() {
      if (this.#pointers.size) return;
      this.window.classList.remove('moving');
      if (!this.large || this.#sharp === this.#scale) return;
      // A layer keeps the sharpness it was painted with; leaving and entering the state paints it anew.
      this.#sharp = this.#scale;
      const { style } = this.picture;
      style.willChange = '';
      requestAnimationFrame(() => requestAnimationFrame(() => {
        style.willChange = 'transform';
      }));
    }

    #reveal(node) {
      const { clientWidth, clientHeight } = this.window;
      const [x, y] = [this.#x + node.x * this.#scale, this.#y + node.y * this.#scale];
      const [aside, above] = [(node.width / 2) * this.#scale + 24, (node.height / 2) * this.#scale + 24];
      const inside = (at, margin, end) => Math.max(margin, Math.min(end - margin, at));
      this.pan(inside(x, aside, clientWidth) - x, inside(y, above, clientHeight) - y);
    }

    // ---- mouse and fingers

    #wheel(event) {
      // A page must still scroll past the picture, unless the picture is what someone works with.
      if (!event.ctrlKey && !event.metaKey && !this.contains(document.activeElement) && !document.fullscreenElement) return;
      event.preventDefault();
      const box = this.window.getBoundingClientRect();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const distance = Math.max(-240, Math.min(240, event.deltaY * lines));
      this.zoom(Math.exp(-distance * (event.ctrlKey ? 0.01 : 0.002)), event.clientX - box.x, event.clientY - box.y);
    }

    #down(event) {
      if (event.button !== 0) return;
      this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.#pointers.size === 1) this.#moved = 0;
    }

    #drag(event) {
      const before = this.#pointers.get(event.pointerId);
      if (!before) return;
      const now = [event.clientX, event.clientY];
      const by = [now[0] - before[0], now[1] - before[1]];
      this.#moved += Math.abs(by[0]) + Math.abs(by[1]);
      if (this.#moved < 5) return; // a hand that clicks trembles
      if (!this.window.hasPointerCapture(event.pointerId)) this.window.setPointerCapture(event.pointerId);
      this.window.classList.add('dragged');
      const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const box = this.window.getBoundingClientRect();
        const factor = Math.hypot(now[0] - other[0], now[1] - other[1]) / (Math.hypot(before[0] - other[0], before[1] - other[1]) || 1);
        this.zoom(factor, (now[0] + other[0]) / 2 - box.x, (now[1] + other[1]) / 2 - box.y);
        this.pan(by[0] / 2, by[1] / 2);
      } else this.pan(...by);
      this.#pointers.set(event.pointerId, now);
    }

    #up(event) {
      this.#pointers.delete(event.pointerId);
      if (this.#pointers.size) return;
      this.window.classList.remove('dragged');
      this.#rest = setTimeout(() => this.#settle(), REST);
    }

    #click(event) {
      const node = this.#nodeOf(event.target);
      if (this.#moved >= 5) event.preventDefault(); // the end of a drag is no click
      else if (node && event.shiftKey) {
        event.preventDefault();
        this.#beginAt(node);
      }
      this.#moved = 0;
    }

    // ---- keys

    #key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const node = this.#nodeOf(event.target);
      const arrow = ARROWS[event.key];
      if (event.key === '+' || event.key === '=') this.zoom(STEP);
      else if (event.key === '-') this.zoom(1 / STEP);
      else if (event.key === '0') this.fit();
      else if (arrow && node) nextNode(this.nodes, node, arrow)?.link.focus({ preventScroll: true });
      else if (PAGES[event.key] && node) this.#beside(node, PAGES[event.key]).link.focus({ preventScroll: true });
      else if (arrow) this.pan(arrow[0] * -60, arrow[1] * -60);
      else if (event.key === 'Enter' && event.shiftKey && node) this.#beginAt(node);
      else return;
      event.preventDefault();
    }

    // The node before or after in the order of the picture, so that no node is ever out of reach.
    #beside(node, step) {
      const at = this.nodes.indexOf(node) + step;
      return this.nodes[(at + this.nodes.length) % this.nodes.length];
    }

    #tool(button) {
      const what = button?.dataset.zoom;
      if (what === 'in') this.zoom(STEP);
      else if (what === 'out') this.zoom(1 / STEP);
      else if (what === 'fit') this.fit();
      else if (what === 'full') document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen();
    }

    // ---- nodes

    #nodeOf(element) {
      const link = element.closest?.('.nodes > a');
      return link ? this.nodes[Number(link.dataset.node)] : undefined;
    }

    #focused(node) {
      if (!node) return;
      this.picture.querySelector('.nodes > a[tabindex="0"]')?.setAttribute('tabindex', '-1');
      node.link.setAttribute('tabindex', '0');
      this.#light(node);
      this.#reveal(node);
    }

    // Draws the edges of a node and the frames of its neighbours once more, above all others, with words.
    #light(node) {
      if (node === this.shining) return;
      this.shining = node;
      const edges = node?.edges ?? [];
      this.over.replaceChildren(...edges.map(({ path }) => path.cloneNode()), ...edges.map(({ other }) => frame(this.nodes[other])));
      if (edges.length <= WORDS_ON_EDGES) this.over.append(...edges.map(({ path }) => words(path)));
    }

    #beginAt(node) {
      const address = new URL(location.href);
      for (const name of [...address.searchParams.keys()]) if (name.startsWith('rootEntityRefs')) address.searchParams.delete(name);
      address.searchParams.append('rootEntityRefs[]', node.link.dataset.ref);
      location.assign(address);
    }
  },
);
