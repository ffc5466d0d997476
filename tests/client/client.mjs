// Performs every method of Backstage's own CatalogClient against a Callboard that serves
// tests/conformance/catalog. Usage: node client.mjs BASE_URL FILES_URL, where FILES_URL is a server that
// Callboard may read from and that holds first.yaml and second.yaml (see test_client.py).
import assert from 'node:assert/strict';
import { CATALOG_FILTER_EXISTS, CatalogClient } from '@backstage/catalog-client';

const [baseUrl, filesUrl] = process.argv.slice(2);

// Methods that the type declaration marks private; everything else must be called below.
const INTERNAL = new Set([
  'constructor',
  'getEntityFacetsByPredicate',
  'getFilterValue',
  'queryEntitiesByPredicate',
  'requestIgnored',
  'requestOptional',
  'requestRequired',
]);

const called = new Set();
const client = new Proxy(
  new CatalogClient({
    discoveryApi: { getBaseUrl: async plugin => `${baseUrl}/api/${plugin}` },
    fetchApi: { fetch },
  }),
  {
    get(target, name) {
      if (typeof target[name] !== 'function') return target[name];
      called.add(name);
      return target[name].bind(target);
    },
  },
);

const names = entities => entities.map(entity => entity.metadata.name);
const sorted = values => [...values].sort();
const refuses = (promise, status) =>
  assert.rejects(promise, error => error.statusCode === status || error.response?.status === status);

async function pagesOf(stream) {
  const pages = [];
  for await (const page of stream) pages.push(page);
  return pages;
}

// Ingestion runs behind the answer of a write, so its effect is awaited.
async function eventually(probe, what) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    assert.ok(Date.now() < deadline, `waited 20 s for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

const checks = {
  async 'lists entities by filter, fields and order'() {
    const { items } = await client.getEntities({
      filter: { kind: 'Component', 'spec.type': ['service', 'library'] },
      fields: ['kind', 'metadata.name'],
      order: { field: 'metadata.name', order: 'desc' },
    });
    assert.deepEqual(items.at(0), { kind: 'Component', metadata: { name: 'yes-values' } });
    assert.deepEqual(names(items).slice(0, 3), ['yes-values', 'solo', 'rotor']);
    const domains = await client.getEntities({
      filter: [{ kind: 'domain', 'spec.subdomainOf': CATALOG_FILTER_EXISTS }],
    });
    assert.deepEqual(names(domains.items), ['pilotage']);
    const second = await client.getEntities({
      filter: { kind: 'domain' },
      order: { field: 'metadata.name', order: 'asc' },
      offset: 1,
      limit: 1,
    });
    assert.deepEqual(names(second.items), ['pilotage']);
  },

  async 'gets entities by references, in their order'() {
    const entityRefs = ['component:default/rotor', 'component:default/absent', 'component:default/lamp'];
    const { items } = await client.getEntitiesByRefs({ entityRefs, fields: ['metadata.name'] });
    assert.deepEqual(items.map(item => item?.metadata.name), ['rotor', undefined, 'lamp']);
    const filtered = await client.getEntitiesByRefs({ entityRefs, filter: { 'spec.type': 'library' } });
    assert.deepEqual(filtered.items.map(item => item?.metadata.name), ['rotor', undefined, undefined]);
    const queried = await client.getEntitiesByRefs({
      entityRefs,
      query: { 'spec.type': 'service' },
      filter: { kind: 'component' },
    });
    assert.deepEqual(queried.items.map(item => item?.metadata.name), [undefined, undefined, 'lamp']);
  },

  async 'gets one entity by reference and by name'() {
    const lamp = await client.getEntityByRef('component:default/lamp');
    assert.equal(lamp.metadata.title, 'The Great Lamp');
    assert.ok(lamp.relations.some(r => r.type === 'ownedBy' && r.targetRef === 'group:default/harbour'));
    const same = await client.getEntityByName({ kind: 'Component', name: 'lamp' });
    assert.equal(same.metadata.uid, lamp.metadata.uid);
    const foghorn = await client.getEntityByRef({ kind: 'Component', namespace: 'north', name: 'foghorn' });
    assert.equal(foghorn.metadata.namespace, 'north');
    assert.equal(await client.getEntityByRef('component:default/absent'), undefined);
  },

  async 'queries pages forward and backward'() {
    const first = await client.queryEntities({
      filter: { kind: 'component' },
      orderFields: { field: 'metadata.name', order: 'asc' },
      limit: 2,
    });
    assert.equal(first.items.length, 2);
    assert.equal(first.pageInfo.prevCursor, undefined);
    const second = await client.queryEntities({ cursor: first.pageInfo.nextCursor, limit: 2 });
    assert.equal(second.totalItems, first.totalItems);
    assert.ok(names(second.items).every(name => !names(first.items).includes(name)));
    const back = await client.queryEntities({ cursor: second.pageInfo.prevCursor, limit: 2 });
    assert.deepEqual(names(back.items), names(first.items));
  },

  async 'queries by full text, offset and without a count'() {
    const found = await client.queryEntities({
      filter: { kind: 'component' },
      fullTextFilter: { term: 'great lamp', fields: ['metadata.title'] },
    });
    assert.deepEqual(names(found.items), ['lamp']);
    assert.equal(found.totalItems, 1);
    const uncounted = await client.queryEntities({ filter: { kind: 'domain' }, totalItems: 'exclude' });
    assert.equal(uncounted.totalItems, 0);
    assert.equal(uncounted.items.length, 2);
    const skipped = await client.queryEntities({
      filter: { kind: 'domain' },
      orderFields: { field: 'metadata.name', order: 'asc' },
      offset: 1,
    });
    assert.deepEqual(names(skipped.items), ['pilotage']);
  },

  async 'queries by predicate, with cursors'() {
    const query = {
      $all: [
        { kind: 'component' },
        { 'spec.type': { $in: ['service', 'library'] } },
        { $not: { 'metadata.namespace': 'north' } },
        { 'metadata.name': { $exists: true } },
      ],
    };
    const first = await client.queryEntities({
      query,
      fields: ['metadata.name'],
      orderFields: [{ field: 'metadata.name', order: 'asc' }],
      limit: 1,
    });
    assert.equal(first.items.length, 1);
    assert.ok(first.totalItems >= 4);
    const second = await client.queryEntities({ cursor: first.pageInfo.nextCursor, limit: 1 });
    assert.notDeepEqual(names(second.items), names(first.items));
    const both = await client.queryEntities({
      query: { 'metadata.name': { $hasPrefix: 'la' } },
      filter: { kind: 'component' },
    });
    assert.deepEqual(names(both.items), ['lamp']);
    const tagged = await client.queryEntities({ query: { 'metadata.tags': { $contains: 'rust' } } });
    assert.deepEqual(names(tagged.items), ['rotor']);
  },

  async 'streams entities page by page'() {
    const pages = await pagesOf(client.streamEntities({ filter: { kind: 'component' }, pageSize: 3 }));
    assert.ok(pages.length > 1);
    const all = await client.getEntities({ filter: { kind: 'component' } });
    assert.deepEqual(sorted(names(pages.flat())), sorted(names(all.items)));
    const queried = await pagesOf(client.streamEntities({ query: { kind: 'domain' }, pageSize: 1 }));
    assert.deepEqual(sorted(names(queried.flat())), ['navigation', 'pilotage']);
  },

  async 'names the ancestors of an entity'() {
    const { rootEntityRef, items } = await client.getEntityAncestors({ entityRef: 'component:default/lamp' });
    assert.equal(rootEntityRef, 'component:default/lamp');
    const own = items.find(item => item.entity.metadata.name === 'lamp');
    assert.equal(own.parentEntityRefs.length, 1);
    assert.ok(names(items.map(item => item.entity)).includes('fixture-root'));
    await refuses(client.getEntityAncestors({ entityRef: 'component:default/absent' }), 404);
  },

  async 'counts facets'() {
    const { facets } = await client.getEntityFacets({
      filter: { kind: 'domain' },
      facets: ['kind', 'spec.type'],
    });
    assert.deepEqual(facets.kind, [{ value: 'Domain', count: 2 }]);
    assert.deepEqual(facets['spec.type'], [{ value: 'product-area', count: 1 }]);
    const queried = await client.getEntityFacets({
      query: { kind: { $in: ['domain', 'api'] } },
      filter: { 'metadata.name': 'navigation' },
      facets: ['kind'],
    });
    assert.deepEqual(queried.facets.kind, [{ value: 'Domain', count: 1 }]);
  },

  async 'refreshes an entity'() {
    await client.refreshEntity('component:default/lamp');
    await refuses(client.refreshEntity('component:default/absent'), 404);
  },

  async 'validates entities'() {
    const entity = {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: { name: 'valid' },
      spec: { type: 'service', lifecycle: 'production', owner: 'harbour' },
    };
    assert.deepEqual(await client.validateEntity(entity, 'url:https://example.org/a.yaml'), { valid: true });
    const broken = { ...entity, spec: { type: 'service' } };
    const answer = await client.validateEntity(broken, 'url:https://example.org/a.yaml');
    assert.equal(answer.valid, false);
    assert.ok(answer.errors.length > 0 && answer.errors[0].message);
  },

  async 'analyzes a location that is not in the catalog'() {
    const answer = await client.analyzeLocation({
      location: { type: 'url', target: 'https://github.com/lighthouse/lamp' },
    });
    assert.deepEqual(answer.existingEntityFiles, []);
    assert.equal(answer.generateEntities[0].entity.metadata.name, 'lamp');
  },

  async 'tries, adds, finds, changes and removes a location'() {
    const target = `${filesUrl}/first.yaml`;
    const tried = await client.addLocation({ target, dryRun: true });
    assert.equal(tried.exists, false);
    assert.ok(names(tried.entities).includes('client-first'));
    assert.deepEqual((await client.getLocations()).items, []);

    const { location, entities } = await client.addLocation({ type: 'url', target });
    assert.deepEqual(entities, []);
    assert.equal(location.target, target);
    await refuses(client.addLocation({ target }), 409);
    const again = await client.addLocation({ target, onConflict: 'refresh' });
    assert.equal(again.location.id, location.id);

    assert.deepEqual(await client.getLocationById(location.id), location);
    assert.equal(await client.getLocationById('00000000-0000-4000-8000-000000000000'), undefined);
    assert.deepEqual(await client.getLocationByRef(`url:${target}`), location);
    assert.equal(await client.getLocationByRef('url:https://example.org/none.yaml'), undefined);
    assert.deepEqual((await client.getLocations()).items, [location]);

    const first = await eventually(() => client.getEntityByRef('component:default/client-first'), 'client-first');
    assert.equal(first.metadata.annotations['backstage.io/managed-by-location'], `url:${target}`);
    assert.deepEqual(await client.getLocationByEntity('component:default/client-first'), location);
    assert.equal(await client.getLocationByEntity('component:default/absent'), undefined);

    const second = `${filesUrl}/second.yaml`;
    const changed = await client.updateLocation(location.id, { type: 'url', target: second });
    assert.equal(changed.target, second);
    await eventually(() => client.getEntityByRef('component:default/client-second'), 'client-second');
    await eventually(async () => !(await client.getEntityByRef('component:default/client-first')), 'the old entity to go');

    await client.removeLocationById(location.id);
    await eventually(async () => !(await client.getEntityByRef('component:default/client-second')), 'its removal');
    await refuses(client.removeLocationById(location.id), 404);
  },

  async 'pages through locations'() {
    const targets = ['one', 'two', 'three'].map(name => `https://not-allowed.example.org/${name}.yaml`);
    for (const target of targets) await client.addLocation({ target });
    const first = await client.queryLocations({ limit: 2, query: { type: 'url' } });
    assert.equal(first.items.length, 2);
    assert.equal(first.totalItems, 3);
    const rest = await client.queryLocations({ cursor: first.pageInfo.nextCursor });
    assert.equal(rest.items.length, 1);
    assert.equal(rest.pageInfo.nextCursor, undefined);
    const pages = await pagesOf(client.streamLocations({ limit: 1 }));
    assert.deepEqual(sorted(pages.flat().map(location => location.target)), sorted(targets));
    const [one] = (await client.queryLocations({ query: { target: { $hasPrefix: targets[0] } } })).items;
    assert.equal(one.target, targets[0]);
  },

  async 'removes an entity by uid'() {
    const { metadata } = await client.getEntityByRef('component:default/solo');
    await client.removeEntityByUid(metadata.uid);
    assert.equal(await client.getEntityByRef('component:default/solo'), undefined);
  },
};

let failures = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok      ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}

const methods = Object.getOwnPropertyNames(CatalogClient.prototype).filter(name => !INTERNAL.has(name));
const missed = methods.filter(name => !called.has(name));
if (missed.length) console.log(`FAILED  never called: ${missed.join(', ')}`);
console.log(`${methods.length - missed.length} of ${methods.length} methods called, ${failures} checks failed`);
process.exitCode = failures || missed.length ? 1 : 0;
