// Names completed after `@`, beside the field one writes in.

import { fits, line } from '../core/text.js'
import { el, fill, name } from './dom.js'

const COMPLETIONS_MOST = 6
/** No name is longer; farther back nothing is looked for. */
const LONGEST = 60

export class Completions {
  /** @param people () => those that can be named here; @param changed called once a name was put in */
  constructor(input, people, changed) {
    Object.assign(this, { input, people, changed })
    this.element = el('ul', { class: 'completions', role: 'listbox', id: 'completions', 'aria-label': 'People', hidden: true })
  }

  get isOpen() { return !this.element.hidden }

  complete() {
    const { input } = this
    const before = input.value.slice(Math.max(0, input.selectionStart - LONGEST), input.selectionStart)
    const typed = before.match(/(?:^|[^\p{L}\p{N}])@([\p{L}\p{N}\p{M}_.-]*)$/u)?.[1]
    if (typed === undefined) return this.hide()
    const found = this.people().map(person => ({ person, fit: fits(person.username, typed) })).filter(({ fit }) => fit > 1 || !typed)
      .sort((a, b) => b.fit - a.fit || b.person.online - a.person.online).slice(0, COMPLETIONS_MOST)
    if (found.length === 0 || (found.length === 1 && found[0].person.username === typed)) return this.hide()
    this.typed = typed
    fill(this.element, found.map(({ person }, at) => this.choice(person, at)))
    this.element.hidden = false
    input.setAttribute('aria-activedescendant', 'completion-0')
  }

  choice(person, at) {
    return el('li', {
      role: 'option', id: `completion-${at}`, 'aria-selected': String(at === 0), data: { name: person.username },
      on: { pointerdown: event => { event.preventDefault(); this.choose(person.username) } },
    }, name(person.username), person.full_name && el('span', { class: 'muted', text: line(person.full_name, 40) }))
  }

  /** Whether the key was for them. */
  takes({ key }) {
    const all = [...this.element.children]
    const at = all.findIndex(one => one.getAttribute('aria-selected') === 'true')
    if (key === 'Escape') return this.hide(), true
    if (key === 'Enter' || key === 'Tab') return this.choose(all[at].dataset.name), true
    const by = { ArrowDown: 1, ArrowUp: -1 }[key]
    if (!by) return false
    const next = (at + by + all.length) % all.length
    all.forEach((one, place) => one.setAttribute('aria-selected', String(place === next)))
    this.input.setAttribute('aria-activedescendant', `completion-${next}`)
    return true
  }

  choose(username) {
    const end = this.input.selectionStart
    this.input.setRangeText(`@${username} `, end - this.typed.length - 1, end, 'end')
    this.hide()
    this.changed()
  }

  hide() {
    this.element.hidden = true
    this.input.removeAttribute('aria-activedescendant')
  }
}
