// What every page loads. Each module defines one custom element, or one habit, over HTML that works without it.
import 'htmx.org';
import './copy-button.js';
import './live-entity.js';
import './menus.js';
import './row-keys.js';
import './search-palette.js';
import './submit-on-change.js';
