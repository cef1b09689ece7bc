'use strict';

// Everything works without this script. It adds suggestions to the fields for
// places, a line to read the chart day by day, and answers without a reload.
(() => {
  const say = (text) => { document.getElementById('status').textContent = text; };

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // Suggestions

  // fold makes names comparable: å is found by a.
  const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

  const json = async (path) => {
    const answer = await fetch(path, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(`${path}: status ${answer.status}`);
    return answer.json();
  };

  // tree returns all places, each below its region.
  const tree = (ports, regions) => {
    const below = new Map();
    const put = (parent, place) => below.set(parent, [...below.get(parent) ?? [], place]);
    for (const { slug, name, parent } of regions) put(parent, { code: slug, name, region: true });
    const inside = new Map();
    for (const { code, name, region } of ports) {
      if (!inside.has(region)) inside.set(region, []);
      inside.get(region).push({ code, name });
    }
    const all = [];
    const add = (place, path) => {
      const words = fold(`${place.name} ${place.code}`);
      all.push({ ...place, path, words, depth: path.length });
      if (!place.region) return;
      for (const next of [...below.get(place.code) ?? [], ...inside.get(place.code) ?? []]) add(next, [...path, place.name]);
    };
    for (const top of below.get(null) ?? []) add(top, []);
    return all;
  };

  let loading;
  const places = () => {
    loading ??= Promise.all([json('/ports'), json('/regions')]).then(([{ ports }, { regions }]) => tree(ports, regions));
    loading.catch(() => { loading = undefined; }); // the next attempt asks again
    return loading;
  };

  // most is how many places are suggested at once.
  const most = 500;

  // search returns the places with the text in code or name, the closest first.
  // Without a text it is the whole tree, or that of the regions if this is large.
  const search = (all, text) => {
    const wanted = fold(text.trim());
    if (!wanted) return all.length > most ? all.filter((place) => place.region) : all;
    const rank = ({ code, words }) => {
      if (fold(code) === wanted) return 0;
      if (words.startsWith(wanted)) return 1;
      if (words.includes(` ${wanted}`)) return 2;
      return words.includes(wanted) ? 3 : 4;
    };
    return all.map((place) => [rank(place), place]).filter(([r]) => r < 4).sort(([a], [b]) => a - b).map(([, place]) => place);
  };

  // suggest makes a field a combobox: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
  const suggest = (input) => {
    const list = element('ul', { id: `${input.id}-list`, role: 'listbox', class: 'options', 'aria-label': input.labels[0].textContent, hidden: '' });
    const hint = document.getElementById(`${input.id}-hint`);
    let found = [];
    let active = -1;
    for (const [key, value] of Object.entries({
      role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id,
    })) input.setAttribute(key, value);
    input.after(list);

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    };
    const activate = (i) => {
      list.children[active]?.setAttribute('aria-selected', 'false');
      active = i;
      const option = list.children[i];
      if (!option) return;
      option.setAttribute('aria-selected', 'true');
      option.scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', option.id);
    };
    const option = (place, i, indented) => {
      const made = element('li', { role: 'option', id: `${list.id}-${i}`, 'aria-selected': 'false' },
        element('span', {}, place.name), ' ', element('code', {}, place.code));
      if (place.region) made.classList.add('region');
      if (indented) made.style.paddingInlineStart = `${0.75 + place.depth}rem`;
      else if (place.path.length) made.append(element('small', {}, place.path.join(' › ')));
      return made;
    };
    const open = async (text) => {
      let all;
      try { all = await places(); } catch { return; } // the field still takes codes
      if (document.activeElement !== input) return;
      const matches = search(all, text);
      found = matches.slice(0, most);
      list.replaceChildren(...found.map((place, i) => option(place, i, !text.trim())));
      const more = matches.length - found.length;
      if (!found.length || more) {
        list.append(element('li', { class: 'more', 'aria-hidden': 'true' }, more ? `and ${more} more; type to narrow` : 'No place matches.'));
      }
      list.hidden = false;
      input.setAttribute('aria-expanded', 'true');
      input.removeAttribute('aria-activedescendant');
      active = -1;
      if (text.trim() && found.length) activate(0);
      say(`${matches.length} ${matches.length === 1 ? 'place' : 'places'}`);
    };
    const choose = (place) => {
      input.value = place.code;
      hint.textContent = [place.name, ...place.path.slice(-1)].join(', ');
      close();
    };

    input.addEventListener('input', () => open(input.value));
    input.addEventListener('click', () => { if (list.hidden) open(''); });
    input.addEventListener('focus', () => { input.select(); places().catch(() => {}); });
    input.addEventListener('blur', () => {
      if (!list.hidden && active >= 0 && input.value.trim()) choose(found[active]);
      close();
    });
    list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener('click', (event) => {
      const i = [...list.children].indexOf(event.target.closest('[role=option]'));
      if (i >= 0) choose(found[i]);
    });
    input.addEventListener('keydown', (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        if (list.hidden) open('');
        else if (found.length) activate((active + step + found.length + (active < 0 && step < 0 ? 1 : 0)) % found.length);
      } else if (event.key === 'Enter' && !list.hidden && active >= 0) {
        event.preventDefault();
        choose(found[active]);
      } else if (event.key === 'Escape' && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
  };

  // The line to read the chart by

  const svg = (name, attributes) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  const readable = (figure) => {
    const picture = figure.querySelector('svg.chart');
    const plot = figure.querySelector('.chart-plot');
    const rows = document.querySelectorAll('[data-days] tbody tr');
    const text = figure.querySelector('[data-reading-text]');
    if (!plot || !rows.length) return;
    const days = Number(plot.dataset.days);
    const [low, high] = [Number(plot.dataset.low), Number(plot.dataset.high)];
    const height = plot.viewBox.baseVal.height;
    const cursor = svg('g', { class: 'cursor', 'vector-effect': 'non-scaling-stroke' });
    const invitation = 'Point at the chart, or use the arrow keys on it, to read a day.';
    let day = -1;
    plot.append(cursor);
    for (const [key, value] of Object.entries({ tabindex: '0', role: 'group', 'aria-label': 'Chart. Arrow keys read it day by day.' })) {
      figure.setAttribute(key, value);
    }
    text.textContent = invitation;

    const mark = (x, y, i) => svg('path', {
      d: `M${x} ${y}h0`, class: `chart-${'abcd'[i]}`, stroke: 'currentColor', 'stroke-width': '9', 'stroke-linecap': 'round', 'vector-effect': 'non-scaling-stroke',
    });
    const read = (i) => {
      day = Math.min(Math.max(i, 0), days - 1);
      const x = day + 0.5;
      cursor.replaceChildren(svg('line', { x1: x, x2: x, y1: 0, y2: height, 'vector-effect': 'non-scaling-stroke' }));
      const [date, ...cells] = [...rows[days - 1 - day].cells].map((cell) => cell.textContent.trim());
      const parts = [element('b', {}, date)];
      for (let lane = 0; lane < cells.length / 2; lane++) {
        const [mean, count] = cells.slice(2 * lane, 2 * lane + 2);
        const price = Number(mean.replaceAll(',', ''));
        const prices = `${count} ${count === '1' ? 'price' : 'prices'}`;
        let what = ' no price';
        if (!Number.isNaN(price)) {
          what = ` ${mean} USD from ${prices}`;
          cursor.append(mark(x, (high - price) / (high - low) * height, lane));
        } else if (count !== '0') {
          what = ` withheld, ${prices}`;
        }
        parts.push(element('span', {}, ...cells.length > 2 ? [element('b', { class: `chart-${'abcd'[lane]}` }, 'ABCD'[lane])] : [], what));
      }
      text.replaceChildren(...parts.flatMap((part) => [part, ' ']));
    };
    const stop = () => {
      day = -1;
      cursor.replaceChildren();
      text.textContent = invitation;
    };
    const point = (event) => {
      const { paddingLeft, paddingRight } = getComputedStyle(picture);
      const box = picture.getBoundingClientRect();
      const left = box.left + parseFloat(paddingLeft);
      read(Math.floor((event.clientX - left) / (box.right - parseFloat(paddingRight) - left) * days));
    };
    picture.addEventListener('pointermove', point);
    picture.addEventListener('pointerdown', point);
    picture.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse') stop(); });
    figure.addEventListener('keydown', (event) => {
      const from = day < 0 ? days - 1 : day;
      const to = {
        ArrowLeft: day < 0 ? from : from - 1, ArrowRight: from + 1, PageUp: from - 30, PageDown: from + 30, Home: 0, End: days - 1,
      }[event.key];
      if (event.key === 'Escape') stop();
      if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      read(to);
    });
  };

  // Commands to copy

  const copyable = (cell) => {
    if (!navigator.clipboard) return; // only where the connection is secure
    const button = element('button', { type: 'button' }, 'Copy');
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(cell.querySelector('code').textContent);
      say('Copied');
      button.textContent = 'Copied';
    });
    cell.append(button);
  };

  // Answers without a reload

  let running;
  const show = async (url, { push = true, scroll = 0 } = {}) => {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    document.querySelector('main').setAttribute('aria-busy', 'true');
    try {
      const answer = await fetch(url, { headers: { Accept: 'text/html' }, signal });
      if (!answer.headers.get('Content-Type')?.startsWith('text/html')) throw new Error('not a page');
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const main = next.querySelector('main');
      if (push) {
        history.replaceState({ scroll: scrollY }, '');
        history.pushState({ scroll: 0 }, '', url);
      }
      document.title = next.title;
      document.querySelector('main').replaceWith(main);
      enhance(main);
      scrollTo(0, scroll);
      (main.querySelector('[aria-invalid]') ?? main).focus({ preventScroll: true });
      say(document.title);
    } catch (err) {
      if (err.name !== 'AbortError') location.assign(url); // the browser says what is wrong
    }
  };

  const isQuestion = (url) => url.origin === location.origin && ['/', '/rates'].includes(url.pathname) && !url.searchParams.has('format');

  document.addEventListener('submit', (event) => {
    const url = new URL(event.target.action);
    url.search = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value !== ''));
    if (!isQuestion(url)) return;
    event.preventDefault();
    show(url);
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href]');
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (!isQuestion(url) || url.hash || link.download || link.target) return;
    event.preventDefault();
    show(url);
  });
  addEventListener('popstate', (event) => {
    if (event.state) show(location.href, { push: false, scroll: event.state.scroll });
  });

  const enhance = (root) => {
    root.querySelectorAll('[data-place]').forEach(suggest);
    root.querySelectorAll('[data-reading]').forEach(readable);
    root.querySelectorAll('.copy dd').forEach(copyable);
  };

  document.documentElement.classList.add('scripted');
  history.replaceState(history.state ?? { scroll: 0 }, '');
  enhance(document);
})();
