// People: who is online, friends, who asks to be one, who is blocked; and finding anybody.

import { byName } from '../core/store.js'
import { button, el, fill, invite } from './dom.js'
import { complain } from './notices.js'
import { openPerson } from './card.js'
import { personRow, writeTo } from './person.js'
import { screenHead } from './heading.js'
import { tabs } from './tabs.js'

const NOTES = { friend: 'friend', requests: 'asks to be friends', requested: 'was asked', blocked: 'blocked' }
const SHOWN_MOST = 300

export function showPeople(main, frame) {
  const { store, house, scope } = frame
  const search = el('input', { type: 'search', placeholder: 'Find by the beginning of a name, or by number', 'aria-label': 'Find people', on: { input: () => find() } })
  const list = el('ul', { class: 'people-list', role: 'list' })
  let chosen = 'online', found
  const bar = tabs([['online', 'Online'], ['friends', 'Friends'], ['requests', 'Requests'], ['blocked', 'Blocked']], chosen, list, to => { chosen = to; search.value = ''; found = undefined; draw() })
  fill(main, screenHead(frame, 'People'), el('div', { class: 'page-body' }, el('div', { class: 'filters' }, search), bar.element, bar.panel))
  let timer
  const find = () => {
    clearTimeout(timer)
    const typed = search.value.trim()
    if (!typed) { found = undefined; return draw() }
    timer = setTimeout(async () => {
      try {
        found = await lookUp(house, typed)
        store.meet(...found)
      } catch (error) {
        if (error.code !== 'lost') complain(error)
      }
      draw()
    }, 200)
  }
  const draw = () => {
    const people = (found ?? listed(store, chosen)).filter(one => one.id !== store.me.id).sort((a, b) => byName(a.username, b.username))
    const focused = document.activeElement?.dataset?.person
    fill(list, people.length === 0 ? el('li', { class: 'empty', text: empty(chosen, found) }) : people.slice(0, SHOWN_MOST).map(person => row(person, frame)))
    bar.mark('requests', [...store.relations.values()].filter(one => one.relation === 'requests').length)
    if (focused) list.querySelector(`[data-person="${focused}"]`)?.focus()
  }
  scope.watch(['people', 'relations'], draw)
  invite(search)
  return {}
}

async function lookUp(house, typed) {
  const { people } = await house.ask('search_accounts', { prefix: typed, limit: 100 })
  if (!/^\d+$/.test(typed)) return people
  const numbered = await house.ask('find_account', { titan_number: Number(typed) }).catch(() => undefined)
  return numbered && !people.some(one => one.id === numbered.id) ? [numbered, ...people] : people
}

function listed(store, chosen) {
  const relations = [...store.relations.values()]
  switch (chosen) {
    case 'friends': return relations.filter(one => one.relation === 'friend')
    case 'requests': return relations.filter(one => one.relation === 'requests' || one.relation === 'requested')
    case 'blocked': return relations.filter(one => one.relation === 'blocked')
    default: return [...store.people.values()].filter(one => one.online)
  }
}

function empty(chosen, found) {
  if (found) return 'Nobody is called that. Type the beginning of a username, or a whole Titan number.'
  return {
    online: 'Nobody else is online just now. Find people above: a message waits for them.',
    friends: 'No friends yet. Find somebody above and ask them.',
    requests: 'Nobody waits for an answer.',
    blocked: 'You have blocked nobody.',
  }[chosen]
}

function row(person, frame) {
  const { store, house } = frame
  const relation = store.relations.get(person.id)?.relation
  const answer = (command, text, kind) => button({
    text, label: `${text}: ${person.username}`, kind,
    press: async () => {
      try {
        const now = await house.ask(command, { account: person.id })
        if (now.relation) store.relations.set(person.id, now)
        else store.relations.delete(person.id)
        store.changed('relations')
      } catch (error) {
        complain(error)
      }
    },
  })
  const tools = [
    relation === 'requests' ? [answer('accept_friend', 'Accept', 'primary'), answer('decline_friend', 'Decline')]
      : relation === 'blocked' ? answer('unblock', 'Unblock')
        : button({ label: `Write to ${person.username}`, icon: 'send', kind: 'quiet', press: () => writeTo(frame, person.id), 'data-person': person.id }),
    button({ label: `More for ${person.username}`, icon: 'more', kind: 'quiet', press: event => openPerson(event.currentTarget, frame, person) }),
  ]
  return personRow(person, { online: store.isOnline(person.id), notes: [person.role === 'admin' && 'admin', NOTES[relation]], tools: tools.flat() })
}
