// A row of tabs over a panel: arrows move between them, as everywhere.

import { el, fill } from './dom.js'

let last = 0

/** @param all [[key, text]]; `chosen(key)` is called when another one is */
export function tabs(all, first, content, chosen) {
  const id = `tabs-${++last}`
  const panel = el('div', { role: 'tabpanel', id: `${id}-panel`, class: 'tab-panel', tabindex: -1 }, content)
  const made = new Map(all.map(([key, text]) => [key, el('button', {
    type: 'button', role: 'tab', id: `${id}-${key}`, class: 'tab', 'aria-controls': `${id}-panel`, on: { click: () => choose(key) },
  }, el('span', { text }), el('span', { class: 'tab-mark' }))]))
  const element = el('div', { role: 'tablist', class: 'tabs' }, [...made.values()])
  element.addEventListener('keydown', event => {
    const keys = all.map(([key]) => key)
    const at = keys.findIndex(key => made.get(key) === document.activeElement)
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: keys.length - 1 }[event.key]
    if (at < 0 || to === undefined) return
    event.preventDefault()
    const key = keys[(to + keys.length) % keys.length]
    choose(key)
    made.get(key).focus()
  })
  const show = key => {
    for (const [one, tab] of made) {
      tab.setAttribute('aria-selected', String(one === key))
      tab.tabIndex = one === key ? 0 : -1
    }
    panel.setAttribute('aria-labelledby', `${id}-${key}`)
  }
  const choose = key => { show(key); chosen(key) }
  show(first)
  return {
    element,
    panel,
    choose,
    /** A number beside a tab's name. */
    mark(key, number) { fill(made.get(key).lastElementChild, number > 0 && el('span', { class: 'badge loud', text: number })) },
  }
}
