// Making elements. Text becomes text nodes and nothing else: there is no way here to make markup of a text, and no other module
// makes elements by itself.

const SCHEMES = ['http:', 'https:', 'mailto:', 'blob:']

/**
 * An element. Properties: `class`, `text`, `on` ({ click: listener }), `data` ({ name: value }), attributes by their names
 * (true gives an empty one, false and undefined none). Children: nodes and texts; what is empty is passed over.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) set(element, name, value)
  element.append(...nodes(children))
  return element
}

function set(element, name, value) {
  if (value === undefined || value === false || value === null) return
  if (name === 'class') element.className = value
  else if (name === 'text') element.textContent = value
  else if (name === 'data') Object.assign(element.dataset, value)
  else if (name === 'value') element.value = value
  else if (name === 'checked') element.checked = value
  else if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener)
  else if (name === 'href') element.setAttribute('href', safe(value))
  else if (name.startsWith('on') || name === 'style' || name === 'srcdoc') throw new TypeError(`${name} is not for el()`)
  else element.setAttribute(name, value === true ? '' : value)
}

/** Only addresses that lead somewhere by HTTP or mail, or within the page. */
function safe(address) {
  if (address.startsWith('#')) return address
  return URL.canParse(address) && SCHEMES.includes(new URL(address).protocol) ? address : '#'
}

const nodes = children => children.flat(4).filter(child => child !== undefined && child !== null && child !== false && child !== '')

export const fill = (element, ...children) => { element.replaceChildren(...nodes(children)); return element }

/** Gives the focus to where a screen's user most likely goes on; on a touch screen that would open a keyboard over half of it. */
export function invite(field) {
  if (matchMedia('(pointer: coarse)').matches) field.closest('.screen')?.focus()
  else field.focus()
}

/** A text somebody wrote, apart from the direction of what stands around it. */
export const name = (text, properties = {}) => el('bdi', properties, text)

/** A sentence with names in it: phrase`Ban ${username}?`. No direction of a name's turns what stands around it. */
export const phrase = (texts, ...names) => texts.flatMap((text, at) => at < names.length ? [text, name(names[at])] : [text])

const SVG = 'http://www.w3.org/2000/svg'

/** The page's icons: lines in a square of 24. They say nothing to a screen reader; what they stand for is told beside them. */
const ICONS = {
  add: 'M12 5v14M5 12h14', back: 'M15 5l-7 7 7 7', close: 'M6 6l12 12M18 6L6 18', more: 'M5 12h.01M12 12h.01M19 12h.01',
  menu: 'M4 7h16M4 12h16M4 17h16', people: 'M9 11a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.3a3.5 3.5 0 010 6.4M18 14.4c2.1.8 3.5 2.9 3.5 5.6',
  search: 'M11 18a7 7 0 100-14 7 7 0 000 14zM16 16l4.5 4.5', send: 'M4 12l16-8-5 16-3-7zM12 13l8-9', attach: 'M20 11.5l-8.2 8.2a5 5 0 01-7-7L13 4.4a3.3 3.3 0 014.7 4.7l-8.2 8.2a1.7 1.7 0 01-2.4-2.4l7.6-7.5',
  reply: 'M9 7l-5 5 5 5M4 12h9c4 0 7 2 7 7', smile: 'M12 21a9 9 0 100-18 9 9 0 000 18zM8.5 14.5c.8 1.2 2 1.9 3.5 1.9s2.7-.7 3.5-1.900M9 9.500h.01M15 9.500h.01', edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  remove: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.5 11v5.500M13.5 11v5.5', download: 'M12 4v11M7 11l5 5 5-5M5 20h14', upload: 'M12 16V5M7 9l5-5 5 5M5 20h14', file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 017 0v3', voice: 'M5 10v4h3l4 4V6l-4 4zM16 9a4 4 0 010 6M18.5 6.500a8 8 0 010 11', box: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8',
  shield: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z', gear: 'M12 15a3 3 0 100-6 3 3 0 000 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.600l2.1 2.100M16.3 16.300l2.1 2.100M5.6 18.400l2.1-2.100M16.3 7.700l2.1-2.1',
  link: 'M10 14a4 4 0 005.700 0l3-3a4 4 0 00-5.700-5.700l-1.200 1.200M14 10a4 4 0 00-5.700 0l-3 3a4 4 0 005.700 5.700l1.200-1.200',
  down: 'M12 5v14M6 13l6 6 6-6', hash: 'M9 4L7 20M17 4l-2 16M4 9h16M3.5 15h16', at: 'M15.5 12a3.5 3.5 0 11-7 0 3.5 3.5 0 017 0zm0 0v1.500a2.5 2.5 0 005 0V12a8.5 8.5 0 10-3.4 6.8', check: 'M5 12.500l4.5 4.500L19 7.5',
  theme: 'M12 20a8 8 0 100-16zM12 4a8 8 0 000 16zM9.5 5v14M7 6.500v11M4.8 9.500v5',
  out: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9', keys: 'M3 7h18v10H3zM7 10.500h.01M10.5 10.500h.01M14 10.500h.01M17.5 10.500h.01M8 14h8',
}

export function icon(which) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('class', `icon icon-${which}`)
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', ICONS[which])
  svg.append(path)
  return svg
}

/** A QR code of rows of modules (`#` is dark), black on white whatever the theme; what it says is told beside it. */
export function qrCode(rows) {
  const size = rows.length + 8
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`)
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('class', 'qr-code')
  svg.setAttribute('shape-rendering', 'crispEdges')
  const dark = rows.flatMap((row, y) => [...row].flatMap((module, x) => module === '#' ? [`M${x + 4} ${y + 4}h1v1h-1z`] : []))
  for (const [d, fill] of [[`M0 0h${size}v${size}h-${size}z`, '#fff'], [dark.join(''), '#000']]) {
    const path = document.createElementNS(SVG, 'path')
    path.setAttribute('d', d)
    path.setAttribute('fill', fill)
    svg.append(path)
  }
  return svg
}

/** A button. With `label` it shows only its icon, and says the label. */
export function button({ label, text, icon: which, kind = 'plain', press, ...more }) {
  const listeners = press ? { click: press } : {}
  return el('button', { type: 'button', class: `button ${kind}`, 'aria-label': label, title: label, on: listeners, ...more },
    which && icon(which), text && el('span', { text }))
}

/** Makes the children of `parent` those of `items`, by key; what stays is moved and updated, never made anew. */
export function reconcile(parent, items, key, make, update) {
  const old = new Map([...parent.children].map(child => [child.dataset.key, child]))
  let next = parent.firstElementChild
  for (const item of items) {
    const id = String(key(item))
    let child = old.get(id)
    old.delete(id)
    if (!child) {
      child = make(item)
      child.dataset.key = id
    }
    update?.(child, item)
    if (child === next) next = next.nextElementSibling
    else parent.insertBefore(child, next)
  }
  for (const child of old.values()) child.remove()
}

/** What a view holds on to, let go together when the view ends. */
export class Scope {
  constructor(store) {
    this.store = store
    this.ends = []
  }

  /** Runs `listener` now, and whenever one of the topics changes. */
  watch(topics, listener) {
    for (const topic of topics) this.ends.push(this.store.on(topic, listener))
    listener()
  }

  on(topic, listener) { this.ends.push(this.store.on(topic, listener)) }

  listen(target, event, listener, options) {
    target.addEventListener(event, listener, options)
    this.ends.push(() => target.removeEventListener(event, listener, options))
  }

  add(end) { this.ends.push(end) }

  end() {
    for (const end of this.ends.splice(0)) end()
  }
}

/** Up, down, home and end move within a list that is one stop of the tab key. */
export function roving(container, selector, { along = ['ArrowUp', 'ArrowDown'] } = {}) {
  const all = () => [...container.querySelectorAll(selector)].filter(one => !one.disabled && one.offsetParent !== null)
  const settle = chosen => {
    const items = all()
    const stop = chosen ?? items.find(item => item.getAttribute('aria-current')) ?? items.find(item => item.tabIndex === 0) ?? items[0]
    for (const item of items) item.tabIndex = item === stop ? 0 : -1
  }
  container.addEventListener('focusin', ({ target }) => {
    const item = target.closest(selector)
    if (item && container.contains(item)) settle(item)
  })
  container.addEventListener('keydown', event => {
    const items = all()
    const at = items.indexOf(event.target.closest(selector))
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return
    const to = { [along[0]]: at - 1, [along[1]]: at + 1, Home: 0, End: items.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    items[(to + items.length) % items.length]?.focus()
  })
  return settle
}
