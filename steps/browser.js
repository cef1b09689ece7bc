// What steps ask of a page. Each function answers with values that Go can read.
({
  visible: (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0,
  words: (e) => e.textContent.replace(/\s+/g, ' ').trim(),

  all(selector) { return [...document.querySelectorAll(selector)].filter((e) => this.visible(e)); },

  // field returns the nth visible field with a label.
  field(label, n) { return this.all('label').filter((e) => this.words(e) === label).map((e) => e.control)[n] ?? null; },

  focus(label, n) {
    const field = this.field(label, n);
    field?.focus();
    field?.select?.();
    return Boolean(field);
  },
  value(label, n) { return this.field(label, n)?.value ?? `no field ${label}`; },
  set(label, value) {
    const field = this.field(label, 0);
    if (!field) return false;
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return true;
  },

  // place returns where to click to hit an element with these words, or why not.
  place(selector, text) {
    const found = this.all(selector).find((e) => this.words(e) === text);
    if (!found) return { problem: `there is no ${text} among ${JSON.stringify(this.all(selector).map((e) => this.words(e)))}` };
    found.scrollIntoView({ block: 'center', behavior: 'instant' });
    const box = found.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const hit = document.elementFromPoint(x, y);
    if (!found.contains(hit)) return { problem: `${text} is covered by ${hit?.outerHTML.slice(0, 200)}` };
    return { x, y };
  },
  options() { return this.all('[role=option]').map((e) => [...e.querySelectorAll('span, code')].map((part) => this.words(part)).join(' ')); },
  option(text) { return this.place('[role=option]', this.words(this.all('[role=option]').find((e) => this.words(e).startsWith(text)) ?? document.createElement('i'))); },

  heading: () => document.querySelector('h1')?.textContent.trim() ?? '',
  text() { return this.words(document.body); },

  // besides returns what is said about a field.
  besides(label) {
    const field = this.field(label, 0);
    if (!field) return `there is no field ${label}`;
    if (field.getAttribute('aria-invalid') !== 'true') return `the field ${label} is not marked as wrong`;
    const box = field.getBoundingClientRect();
    return (field.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)).filter((e) => e && this.visible(e))
      .filter((e) => e.getBoundingClientRect().top - box.bottom < 100).map((e) => this.words(e)).join(' ');
  },

  chart() {
    const chart = document.querySelector('svg.chart');
    if (!chart) return { problem: 'there is no chart' };
    const words = (ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    const paths = [...chart.querySelectorAll('.chart-plot > g > path:first-child')];
    return {
      role: chart.getAttribute('role'), name: words(chart.getAttribute('aria-labelledby')), says: words(chart.getAttribute('aria-describedby')),
      lines: paths.map((e) => e.getAttribute('d')).filter((d) => d).length,
      dashes: paths.map((e) => getComputedStyle(e).strokeDasharray),
      gaps: paths.map((e) => (e.getAttribute('d').match(/M/g) ?? []).length - 1),
    };
  },
  rows: () => document.querySelectorAll('table tbody tr').length,
  table() { return this.words(document.querySelector('table') ?? document.createElement('i')); },
  reading() { return this.words(document.querySelector('[data-reading-text]') ?? document.createElement('i')); },

  // focused returns what has the focus, and why it cannot be seen if so.
  focused() {
    const e = document.activeElement;
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    let problem = '';
    // The parts of a field for a day show the focus themselves.
    if (e.type !== 'date' && (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2)) problem = 'it has no outline';
    if (box.bottom < 0 || box.top > innerHeight) problem = 'it is not on the screen';
    const label = e.labels?.length ? this.words(e.labels[0]) : '';
    return { name: label || (e.querySelector('svg.chart') ? 'the chart' : this.words(e)), problem };
  },

  // wide returns what is wider than the screen, and texts wider than their place.
  wide() {
    const spilt = this.all('h1, h2, p, dt, dd, th, td, label, button').filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline');
    if (spilt.length) return spilt.map((e) => e.outerHTML.slice(0, 100));
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const scrolls = (e) => e && e !== document.body && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
    const out = this.all('body *').filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement));
    return [`${document.documentElement.scrollWidth} pixels`, ...out.map((e) => e.outerHTML.slice(0, 100))];
  },

  // collisions returns the labels of the chart that overlap or leave it.
  collisions() {
    const texts = this.all('svg.chart text').map((e) => [this.words(e), e.getBoundingClientRect()]);
    const found = [];
    for (const [i, [a, one]] of texts.entries()) {
      if (one.left < 0 || one.right > innerWidth) found.push(`${a} is cut off`);
      for (const [b, other] of texts.slice(i + 1)) {
        // Boxes of text are higher than its letters.
        const [width, height] = ['x', 'y'].map((axis) => {
          const [low, high] = axis === 'x' ? ['left', 'right'] : ['top', 'bottom'];
          return Math.min(one[high], other[high]) - Math.max(one[low], other[low]);
        });
        if (width > 0 && height > 3) found.push(`${a} and ${b}`);
      }
    }
    return found;
  },

  // faint returns the texts that have less contrast than WCAG AA asks.
  faint() {
    const parse = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    const over = ([r, g, b, a = 1], below) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a));
    const paper = (e) => {
      if (!e) return over(parse(matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(18,18,18)' : 'rgb(255,255,255)'), [0, 0, 0]);
      const colour = parse(getComputedStyle(e).backgroundColor);
      return colour[3] === undefined ? colour : over(colour, paper(e.parentElement));
    };
    const luminance = (colour) => colour.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const e = node.parentElement;
      if (!node.data.trim() || !this.visible(e) || ['title', 'desc'].includes(e.localName)) continue;
      const style = getComputedStyle(e);
      const ink = over(parse(e instanceof SVGElement ? style.fill : style.color), paper(e));
      const [light, dark] = [luminance(ink), luminance(paper(e))].sort((a, b) => b - a);
      const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
      const ratio = (light + 0.05) / (dark + 0.05);
      if (!(ratio >= (large ? 3 : 4.5))) found.add(`${node.data.trim().slice(0, 40)}: ${ratio.toFixed(2)} (${style.color})`);
    }
    return [...found];
  },

  // paper returns how light the page is, from 0 to 255.
  paper: () => Math.max(...(getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? [255]).map(Number).slice(0, 3)),
})
