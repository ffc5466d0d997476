// What the public site loads. Each module improves HTML that works without it.
import './market-compare.js';
import './market-search.js';
