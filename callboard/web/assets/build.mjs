// Bundles the portal's styles and scripts, and collects its icons into one sprite: node build.mjs FOLDER
//
// The names carry no hash; callboard/web/assets.py adds it. The same sources give the same bytes.

import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
// What a page loads by name. The graph and the API viewers are loaded only where they are opened.
const ENTRIES = ['css/app.css', 'css/graph.css', 'css/apidocs.css', 'css/importing.css', 'css/operations.css', 'css/insights.css', 'css/marketplace.css', 'css/desk.css', 'css/site.css', 'js/app.js', 'js/market.js', 'js/graph.js', 'js/apidocs.js'];
const COPIED = ['brand.svg'];
const ICONS = 'node_modules/lucide-static';
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

async function bundles() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: HERE,
    entryPoints: ENTRIES.filter((entry) => existsSync(join(HERE, entry))),
    outdir: HERE,
    entryNames: '[name]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'external',
    metafile: true,
    write: false,
    logLevel: 'warning',
    external: ['/assets/*'],
  });
  const files = new Map();
  const comments = [];
  for (const { path, text } of outputFiles) {
    const name = path.slice(HERE.length + 1);
    if (name.endsWith('.LEGAL.txt')) comments.push(text.trim());
    else files.set(name, text);
  }
  files.set('LICENSES.txt', await licences([...Object.keys(metafile.inputs), `${ICONS}/`], comments));
  return files;
}

// The terms of every package of which a file here holds parts, because whoever serves the bundle passes it on.
async function licences(inputs, comments) {
  const packages = new Set();
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = join(HERE, name);
    const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const texts = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
    if (!texts.length) throw new Error(`${about.name} states its licence in no file; add the text here`);
    const terms = await Promise.all(texts.map((file) => readFile(join(folder, file), 'utf8')));
    parts.push([`${about.name} ${about.version} (${about.license})`, ...terms].map((text) => text.trim()).join('\n\n'));
  }
  const head = 'The scripts, styles and icons in this folder contain parts of these packages.';
  return `${[head, ...parts, ...new Set(comments)].join(`\n\n${'-'.repeat(79)}\n\n`)}\n`;
}

// One file of symbols, because a page shows dozens of icons: <use href="…/icons.svg#component">. icons.json
// says which drawing of the icon set stands for which of our names.
async function sprite() {
  const names = JSON.parse(await readFile(join(HERE, 'icons.json'), 'utf8'));
  const symbols = [];
  for (const [name, drawing] of Object.entries(names)) {
    const text = await readFile(join(HERE, ICONS, 'icons', `${drawing}.svg`), 'utf8');
    const found = /<svg\b([^>]*)>([\s\S]*)<\/svg>/.exec(text);
    const drawn = found[2].replace(/>\s+</g, '><').trim();
    // How the whole drawing is painted (fill, stroke, ...) counts; how it stood alone does not.
    const paint = found[1].replace(/\s(xmlns|width|height|class)="[^"]*"/g, '').replace(/\s+/g, ' ').trimEnd();
    symbols.push(`<symbol id="${name}"${paint}>${drawn}</symbol>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`;
}

async function main(folder) {
  if (!folder) throw new Error('usage: node build.mjs FOLDER');
  const files = await bundles();
  files.set('icons.svg', await sprite());
  for (const name of COPIED) files.set(name, await readFile(join(HERE, name), 'utf8'));
  await mkdir(folder, { recursive: true });
  // A bundle whose source is gone must not stay; everything in the folder is made here.
  for (const name of await readdir(folder)) if (!files.has(name)) await rm(join(folder, name), { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), text);
}

main(process.argv[2]).catch((error) => {
  // esbuild has printed its own findings, with file and line.
  if (!error.errors) console.error(error.message);
  process.exitCode = 1;
});
