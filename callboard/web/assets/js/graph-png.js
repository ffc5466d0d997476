// Saves the picture of a graph as PNG: the server's SVG file, painted on a canvas.
const MOST_SIDE = 16000; // what canvases take in all browsers
const MOST_PIXELS = 64e6;

export async function savePng(address, { width, height }) {
  const source = new URL(address);
  if (dark()) source.searchParams.set('theme', 'dark');
  const response = await fetch(source);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const image = new Image();
  image.src = await asDataUrl(await response.blob()); // the Content-Security-Policy allows data:, not blob:
  await image.decode();
  const scale = Math.min(2, MOST_SIDE / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)));
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  const png = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!png) throw new Error('the picture is too large for this browser');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(png);
  link.download = `${fileName(response) ?? 'relations'}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function asDataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function fileName(response) {
  return /filename="([^"]+)\.svg"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
}
