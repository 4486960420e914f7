// The quick switcher: any conversation, person or screen by a few letters.

import { fits } from '../core/text.js'
import { el, fill, icon, name } from './dom.js'
import { open } from './dialog.js'
import { avatar, writeTo } from './person.js'
import { isTyped } from './keyboard.js'
import { address, go } from './route.js'

const SHOWN_MOST = 12
const SCREENS = [['rooms', 'All rooms', 'hash'], ['people', 'People', 'people'], ['repository', 'Repository', 'box'], ['search', 'Search', 'search'], ['account', 'My account', 'gear']]

export function openSwitcher(frame) {
  if (document.querySelector('dialog.switcher')) return
  const { store, house } = frame
  const input = el('input', {
    type: 'text', class: 'switcher-input', placeholder: 'A few letters of a room, person or screen', 'aria-label': 'Go to', role: 'combobox', autocomplete: 'off', spellcheck: 'false',
    'aria-expanded': 'true', 'aria-controls': 'switcher-list', 'aria-autocomplete': 'list', autofocus: true,
  })
  const list = el('ul', { class: 'switcher-list', role: 'listbox', id: 'switcher-list', 'aria-label': 'Matches' })
  const dialog = open({ title: 'Go to', className: 'switcher', build: () => [input, list] })
  let shown = [], at = 0, others = []
  const draw = () => {
    shown = matches(frame, input.value.trim(), others)
    at = 0
    fill(list, shown.length === 0 ? el('li', { class: 'empty', text: 'Nothing is called that.' }) : shown.map((one, place) => el('li', {
      role: 'option', id: `switcher-${place}`, on: { click: () => choose(one) },
    }, one.sign(), name(one.text, { class: 'switcher-name' }), el('span', { class: 'muted', text: one.note }))))
    mark()
  }
  const mark = () => {
    for (const [place, one] of [...list.querySelectorAll('[role=option]')].entries()) {
      one.setAttribute('aria-selected', String(place === at))
      if (place === at) one.scrollIntoView({ block: 'nearest' })
    }
    if (shown.length > 0) input.setAttribute('aria-activedescendant', `switcher-${at}`)
    else input.removeAttribute('aria-activedescendant')
  }
  const choose = one => { dialog.close(); one.press() }
  let timer
  input.addEventListener('input', () => {
    draw()
    clearTimeout(timer)
    const prefix = input.value.trim().replace(/^@/, '')
    if (prefix) timer = setTimeout(() => house.ask('search_accounts', { prefix, limit: 20 }).then(({ people }) => { others = people; draw() }).catch(() => {}), 120)
  })
  input.addEventListener('keydown', event => {
    if (!isTyped(event)) return
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by && shown.length > 0) {
      event.preventDefault()
      at = (at + by + shown.length) % shown.length
      mark()
    } else if (event.key === 'Enter' && shown[at]) {
      event.preventDefault()
      choose(shown[at])
    }
  })
  draw()

  function matches({ store }, typed, others) {
    const word = typed.replace(/^[@#]/, '')
    const conversations = [...store.conversations.values()].map(one => ({
      text: store.name(one), kind: one.room ? '#' : '@', unread: one.unread,
      note: one.unread > 0 ? `${one.unread} unread` : one.room ? 'room' : 'direct',
      sign: () => one.direct ? avatar(one.direct, { small: true }) : icon(one.room.kind === 'voice' ? 'voice' : one.room.locked ? 'lock' : 'hash'),
      press: () => go(address.conversation(one.id)),
    }))
    const spoken = new Set([...store.conversations.values()].map(one => one.direct?.id))
    const known = new Map([...others, ...store.people.values()].map(person => [person.id, person]))
    const people = [...known.values()].filter(person => !spoken.has(person.id) && person.id !== store.me.id && word).map(person => ({
      text: person.username, kind: '@', note: person.online ? 'online' : 'person', sign: () => avatar(person, { small: true }), press: () => writeTo(frame, person.id),
    }))
    const screens = [...SCREENS, ...store.isAdmin ? [['house', 'Administration', 'shield']] : []].map(([screen, text, which]) => ({
      text, kind: '', note: 'screen', sign: () => icon(which), press: () => go(address.screen(screen)),
    }))
    return [...conversations, ...people, ...screens]
      .filter(one => !/^[@#]/.test(typed) || one.kind === typed[0])
      .map(one => ({ ...one, fit: fits(one.text, word) }))
      .filter(one => one.fit > 0)
      .sort((a, b) => b.fit - a.fit || (b.unread ?? 0) - (a.unread ?? 0))
      .slice(0, SHOWN_MOST)
  }
}
