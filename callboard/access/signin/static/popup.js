// Hands the answer of a sign-in to the window that opened this one, and to no other site.
const { answer, origin } = document.body.dataset;
if (window.opener && answer && origin) {
  window.opener.postMessage(JSON.parse(answer), origin);
  window.close();
}
