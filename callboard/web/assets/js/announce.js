// Says something to everyone: a line that fades, which screen readers read out.
export function announce(text) {
  const place = document.getElementById('announcements');
  place.textContent = text;
  document.querySelector('.toast')?.remove();
  const toast = document.createElement('p');
  toast.className = 'toast';
  toast.setAttribute('aria-hidden', 'true');
  toast.textContent = text;
  document.body.append(toast);
  setTimeout(() => toast.remove(), 4000);
}

export async function copy(text, done) {
  await navigator.clipboard.writeText(text);
  announce(done);
}
