// What both pages draw with; EmbedPage.cmake puts it into them.
function el(name, attrs, text) {
  const svg = ["svg", "g", "rect", "line", "text", "path", "title", "circle", "polyline"].includes(name);
  const e = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const k in attrs || {}) e.setAttribute(k, attrs[k]);
  if (text !== undefined) e.textContent = text;
  return e;
}
function si(v, unit) {
  if (!v) return "0 " + unit;
  const p = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P"];
  let i = 5; while (Math.abs(v) >= 999.5 && i < 10) { v /= 1000; i++; } while (Math.abs(v) < 0.9995 && i > 0) { v *= 1000; i--; }
  return v.toPrecision(3) + " " + p[i] + unit;
}
