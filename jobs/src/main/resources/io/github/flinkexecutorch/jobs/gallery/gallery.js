// Texts of the data are untrusted: they become text nodes and properties, never markup.
const PAGE_SIZE = 60;
const SORTS = [
  ['Name', null],
  ['Slowest first', (a, b) => b.inference_ms - a.inference_ms],
  ['Fastest first', (a, b) => a.inference_ms - b.inference_ms],
  ['Most tokens first', (a, b) => b.generated_tokens - a.generated_tokens],
  ['Fewest tokens first', (a, b) => a.generated_tokens - b.generated_tokens],
];
const $ = id => document.getElementById(id);
const run = JSON.parse($('run-data').textContent);
const rows = JSON.parse($('row-data').textContent);
const failed = row => row.kind !== undefined;
const filters = [];
let words = [], filter, sort = null, found = rows, page = 0, opened = 0;

rows.forEach((row, place) => {
  row.place = place;
  row.text = [row.id, row.image, row.caption, row.kind, row.message, row.finish_reason]
    .filter(text => text).join('\n').toLowerCase();
});

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// --- What was run

function drawRun() {
  const total = run.captioned + run.failed;
  const share = total ? `${number(100 * run.captioned / total)} %` : '';
  $('figures').append(
    figure('Images', number(total)),
    figure('Captions', number(run.captioned), share),
    figure('Failures', number(run.failed), '', run.failed ? 'bad' : ''),
    figure('Images per second', number(run.imagesPerSecond)),
    figure('Tokens per second', number(run.tokensPerSecond)),
    figure('Run time', ...duration(run.seconds).match(/\S+ \S+/g)));
  if (run.leftOut) {
    $('left-out').hidden = false;
    $('left-out').textContent = `Shown are ${number(rows.length)} of ${number(total)} images, `
      + 'all that failed first. captions.jsonl, beside this file, has every caption.';
  }
  $('options').append(
    ...run.models.flatMap(model => pair('Model digest (SHA-256)', model)),
    ...pair('Tokens read', number(run.promptTokens)),
    ...pair('Tokens generated', number(run.generatedTokens)),
    ...Object.entries(run.options).flatMap(([name, value]) => pair(name, value)));
  if (run.throughput.length) {
    $('throughput').hidden = false;
    new ResizeObserver(() => drawChart($('chart'), run.throughput, run.imagesPerSecond)).observe($('chart'));
  }
}

function figure(name, value, more = '', className = '') {
  const shown = element('dd', {}, value);
  if (more) shown.append(element('small', {}, more));
  return element('div', {className}, element('dt', {}, name), shown);
}

function pair(name, value) {
  return [element('dt', {}, name), element('dd', {}, value)];
}

// --- What is shown

function drawTools() {
  SORTS.forEach(([name], i) => $('sort').append(element('option', {value: i}, name)));
  addFilters('Show', [
    ['All', () => true],
    ['Captioned', row => !failed(row)],
    ['Failed', failed]]);
  addFilters('Finish', valuesOf(row => row.finish_reason));
  addFilters('Failure', valuesOf(row => row.kind));
  filter = filters[0];
  $('filters').querySelector('input').checked = true;

  document.querySelectorAll('.pages').forEach(drawPages);

  $('query').addEventListener('input', () => {
    words = $('query').value.toLowerCase().split(/\s+/).filter(word => word);
    update();
  });
  $('sort').addEventListener('change', () => { sort = SORTS[$('sort').value][1]; update(); });
  $('filters').addEventListener('change', event => { filter = filters[event.target.value]; update(); });
  document.addEventListener('keydown', event => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === '/' && !typing && !$('details').open) {
      event.preventDefault();
      $('query').focus();
    }
  });
}

/** A filter for each value there is. */
function valuesOf(field) {
  const values = [...new Set(rows.map(field).filter(value => value))].sort();
  return values.map(value => [value, row => field(row) === value]);
}

function addFilters(group, named) {
  if (!named.length) return;
  const box = element('div', {className: 'group', role: 'group', ariaLabel: group}, element('span', {}, group));
  for (const [name, accepts] of named) {
    const input = element('input', {type: 'radio', name: 'filter', value: filters.length});
    const count = element('b', {}, number(rows.filter(accepts).length));
    box.append(element('label', {className: 'chip'}, input, element('span', {}, name), count));
    filters.push(accepts);
  }
  $('filters').append(box);
}

function update() {
  found = rows.filter(row => filter(row) && words.every(word => row.text.includes(word)));
  // Failures have neither time nor tokens: they come last.
  if (sort) found.sort((a, b) => failed(a) - failed(b) || sort(a, b) || a.place - b.place);
  turnTo(0);
}

function turnTo(wanted) {
  page = Math.min(Math.max(wanted, 0), Math.max(Math.ceil(found.length / PAGE_SIZE) - 1, 0));
  const shown = found.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  $('images').start = page * PAGE_SIZE + 1;
  $('images').replaceChildren(...shown.map((row, i) => card(row, page * PAGE_SIZE + i)));
  $('nothing').hidden = found.length > 0;
  document.querySelectorAll('.pages').forEach(updatePages);
}

function drawPages(nav, i) {
  const go = wanted => {
    turnTo(wanted);
    if (i > 0) $('images').scrollIntoView();
  };
  const input = element('input', {type: 'number', min: 1, ariaLabel: 'Page'});
  input.addEventListener('change', () => go(Math.floor(input.value) - 1));
  nav.append(
    element('p', {role: i === 0 ? 'status' : null}),
    element('div', {},
      button('‹', 'Previous page', false, () => go(page - 1)),
      input,
      element('span'),
      button('›', 'Next page', false, () => go(page + 1))));
}

function updatePages(nav) {
  const pages = Math.ceil(found.length / PAGE_SIZE);
  const [count, pager] = nav.children, [previous, input, last, next] = pager.children;
  count.textContent = found.length === rows.length ? `${number(rows.length)} images`
    : `${number(found.length)} of ${number(rows.length)} images`;
  pager.hidden = pages < 2;
  input.value = page + 1;
  input.max = pages;
  last.textContent = `of ${number(pages)}`;
  previous.disabled = page === 0;
  next.disabled = page === pages - 1;
}

function button(text, ariaLabel, disabled, onclick) {
  return element('button', {type: 'button', ariaLabel, disabled, onclick}, text);
}

// --- One image

function card(row, place) {
  const thumb = button('', `Details of ${row.id}`, false, () => open(place));
  thumb.className = 'thumb';
  thumb.append(picture(row));
  const text = element('div', {className: 'text'}, ...texts(row));
  text.append(element('p', {className: 'name', title: row.id}, ...marked(row.id)));
  if (!failed(row)) text.append(element('p', {className: 'stats'}, stats(row)));
  return element('li', {className: failed(row) ? 'failed' : ''}, thumb, text);
}

function texts(row) {
  if (!failed(row)) return [element('p', {className: 'caption'}, ...marked(row.caption ?? ''))];
  return [
    element('p', {className: 'kind'}, row.kind),
    element('p', {className: 'message'}, ...marked(row.message ?? ''))];
}

function stats(row) {
  return [
    row.width && `${row.width} × ${row.height}`,
    row.generated_tokens !== undefined && `${number(row.generated_tokens)} tokens`,
    row.inference_ms !== undefined && duration(row.inference_ms / 1000),
    row.finish_reason].filter(text => text).join(' · ');
}

/** The text with the searched words marked. */
function marked(text) {
  const lower = text.toLowerCase();
  if (!words.length || lower.length !== text.length) return [text];
  const parts = [];
  let from = 0;
  while (from < text.length) {
    const next = words.map(word => [lower.indexOf(word, from), word.length])
      .filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0] || b[1] - a[1])[0];
    if (!next) break;
    parts.push(text.slice(from, next[0]), element('mark', {}, text.slice(next[0], next[0] + next[1])));
    from = next[0] + next[1];
  }
  parts.push(text.slice(from));
  return parts;
}

function picture(row) {
  const thumbnail = $(`t${row.place}`);
  if (!thumbnail) return sign(failed(row));
  const image = element('img', {alt: '', decoding: 'async', src: `data:image/jpeg;base64,${thumbnail.textContent}`});
  image.addEventListener('error', () => image.replaceWith(sign(failed(row))));
  return image;
}

function sign(bad) {
  const svg = shape('svg', {viewBox: '0 0 24 24', 'aria-hidden': true});
  svg.append(shape('path', {d: bad ? 'M12 3.5 22 20.5H2ZM12 10v5M12 17.2v.8' : 'M3 5h18v14H3ZM3 16l5-5 4 4 3-3 6 6M15.5 9h.1'}));
  return svg;
}

function open(place) {
  opened = place;
  const row = found[place];
  $('details').className = failed(row) ? 'failed' : '';
  $('details-name').textContent = row.id;
  $('details-body').replaceChildren(
    element('div', {className: 'large'}, picture(row)),
    ...texts(row),
    element('dl', {className: 'pairs'}, ...facts(row)));
  $('previous-image').disabled = place === 0;
  $('next-image').disabled = place === found.length - 1;
  if (!$('details').open) $('details').showModal();
}

function facts(row) {
  const milliseconds = value => value === undefined ? undefined : duration(value / 1000);
  return [
    ['Reference', row.image],
    ['Size', row.width && `${row.width} × ${row.height} pixels`],
    ['Finish reason', row.finish_reason],
    ['Generated tokens', row.generated_tokens],
    ['Prompt tokens', row.prompt_tokens],
    ['Inference', milliseconds(row.inference_ms)],
    ['Time in queue', milliseconds(row.queue_ms)],
    ['Model', run.models.length > 1 ? run.models[row.model] : undefined],
    ['Stage', row.stage],
  ].filter(([, value]) => value !== undefined).flatMap(([name, value]) => pair(name, String(value)));
}

function drawDetails() {
  const step = by => { if (found[opened + by]) open(opened + by); };
  $('previous-image').addEventListener('click', () => step(-1));
  $('next-image').addEventListener('click', () => step(1));
  $('details').addEventListener('keydown', event => {
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  });
  // A click beside the box is one on the dialog itself.
  $('details').addEventListener('click', event => { if (event.target === $('details')) $('details').close(); });
}

// --- Light and dark

function drawTheme() {
  const root = document.documentElement, system = matchMedia('(prefers-color-scheme: dark)');
  const show = theme => {
    if (theme) root.dataset.theme = theme;
    $('theme').ariaChecked = String((root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark');
  };
  system.addEventListener('change', () => show());
  $('theme').addEventListener('click', () => {
    const theme = $('theme').ariaChecked === 'true' ? 'light' : 'dark';
    show(theme);
    try { localStorage.setItem('theme', theme); } catch { /* not kept, then */ }
  });
  try { show(localStorage.getItem('theme')); } catch { show(); }
}

drawTheme();
drawRun();
drawTools();
drawDetails();
update();
// The thumbnails that stand below this script were not there yet.
document.addEventListener('DOMContentLoaded', () => {
  document.querySelectorAll('#images .thumb').forEach((thumb, i) => {
    if (!thumb.querySelector('img')) thumb.replaceChildren(picture(found[page * PAGE_SIZE + i]));
  });
});
