'use strict';

/** Draws [seconds, rate] steps into the box, as wide as the box is. */
function drawChart(box, steps, mean) {
  const width = Math.max(box.clientWidth, 200), height = 150;
  const left = 40, right = 8, top = 8, bottom = 22;
  const end = steps[steps.length - 1][0];
  const grid = niceStep(Math.max(...steps.map(step => step[1]), mean, 1e-9) / 3);
  const highest = grid * Math.ceil(Math.max(...steps.map(step => step[1]), mean) / grid || 1);
  const x = seconds => left + (width - left - right) * seconds / end;
  const y = rate => height - bottom - (height - bottom - top) * rate / highest;

  const svg = shape('svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'img'});
  svg.setAttribute('aria-label', describe(steps, mean, end));
  for (let rate = 0; rate <= highest * 1.001; rate += grid) {
    svg.append(shape('line', {class: 'grid', x1: left, x2: width - right, y1: y(rate), y2: y(rate)}));
    svg.append(label(left - 8, y(rate) + 4, 'end', number(rate)));
  }
  const times = width < 500 ? 2 : 4;
  for (let i = 0; i <= times; i++) {
    const anchor = i === 0 ? 'start' : i === times ? 'end' : 'middle';
    svg.append(label(x(end * i / times), height - 4, anchor, duration(end * i / times)));
  }
  // A step's rate is that between its begin and its end: stairs, not slopes.
  let path = '', before = 0;
  for (const [seconds, rate] of steps) {
    path += `${path ? 'L' : 'M'}${x(before)},${y(rate)}L${x(seconds)},${y(rate)}`;
    before = seconds;
  }
  svg.append(shape('path', {class: 'area', d: `${path}L${x(end)},${y(0)}L${left},${y(0)}Z`}));
  svg.append(shape('path', {class: 'rate', d: path}));
  svg.append(shape('line', {class: 'mean', x1: left, x2: width - right, y1: y(mean), y2: y(mean)}));
  box.replaceChildren(svg);
}

function describe(steps, mean, end) {
  const rates = steps.map(step => step[1]);
  return `Images per second over ${duration(end)}: ${number(mean)} on average, `
    + `between ${number(Math.min(...rates))} and ${number(Math.max(...rates))}`;
}

/** 1, 2 or 5 by a power of ten, at least as large. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= least * 0.999);
}

function shape(name, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function label(x, y, anchor, text) {
  const element = shape('text', {x, y, 'text-anchor': anchor});
  element.textContent = text;
  return element;
}

/** Three figures are enough below a hundred; thousands are whole. */
function number(value) {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', {maximumFractionDigits: digits});
}

function duration(seconds) {
  if (seconds === 0) return '0 s';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${number(seconds)} s`;
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
