// The nodes of a graph's picture: read from the SVG, found by direction, and drawn once more to make them shine.
const SVG = 'http://www.w3.org/2000/svg';

// Every node with its middle, its size, and its edges: each a path and the position of the node at its other end.
export function readNodes(picture) {
  const nodes = [...picture.querySelectorAll('.nodes > a')].map((link) => {
    const { e, f } = link.transform.baseVal.consolidate().matrix;
    const box = link.querySelector('rect');
    const [width, height] = [box.width.baseVal.value, box.height.baseVal.value];
    return { link, x: e + width / 2, y: f + height / 2, width, height, edges: [] };
  });
  for (const path of picture.querySelectorAll('.edges path')) {
    const [source, target] = path.dataset.ends.split(' ').map(Number);
    nodes[source].edges.push({ path, other: target });
    if (source !== target) nodes[target].edges.push({ path, other: source });
  }
  return nodes;
}

// The nearest node straight in a direction: one that an edge leads to where there is one, else any.
export function nextNode(nodes, from, [right, down]) {
  const nearest = (among, sideways) => {
    let [best, least] = [null, Infinity];
    for (const node of among) {
      const along = (node.x - from.x) * right + (node.y - from.y) * down;
      const aside = Math.abs((node.x - from.x) * down) + Math.abs((node.y - from.y) * right);
      if (along > 1 && (sideways || aside <= along) && along + aside * 2 < least) [best, least] = [node, along + aside * 2];
    }
    return best;
  };
  const joined = from.edges.map(({ other }) => nodes[other]);
  // Columns are farther apart than rows: along them a neighbour may well lie aside.
  return nearest(joined, right !== 0) ?? nearest(nodes, false) ?? nearest(nodes, true);
}

export function frame({ link, x, y, width, height }) {
  const box = link.querySelector('rect').cloneNode();
  box.setAttribute('x', x - width / 2);
  box.setAttribute('y', y - height / 2);
  return box;
}

// What an edge says, in its middle.
export function words(path) {
  const { x, y } = path.getPointAtLength(path.getTotalLength() / 2);
  const text = document.createElementNS(SVG, 'text');
  text.setAttribute('x', x);
  text.setAttribute('y', y);
  text.textContent = path.parentNode.querySelector('title').textContent.split(' / ')[0];
  return text;
}
