// Searching what was said, in one conversation or in all of mine, with a jump to what was found.

import { shortTimeOf } from '../core/text.js'
import { told } from '../core/fault.js'
import { sought } from '../core/sought.js'
import { el, fill, invite, name, roving } from './dom.js'
import { avatar } from './person.js'
import { prose } from './prose.js'
import { address } from './route.js'
import { screenHead } from './heading.js'

const RESULTS_MOST = 60
/** What was searched last, so that coming back from a message finds it as it was. */
const memory = { query: '', conversation: '', results: undefined, before: undefined }

export function showSearch(main, frame) {
  const { store, house, at } = frame
  if (at.id !== undefined && at.id !== memory.conversation) Object.assign(memory, { conversation: at.id, results: undefined })
  const query = el('input', { type: 'search', 'aria-label': 'Words to search for', placeholder: 'Words that were said', required: true, value: memory.query })
  const place = el('select', { 'aria-label': 'Where to search' },
    el('option', { value: '', text: 'Everywhere' }),
    [...store.rooms(), ...store.directs()].map(one => el('option', { value: one.id, text: store.name(one) })))
  place.value = store.conversation(Number(memory.conversation)) ? memory.conversation : ''
  const list = el('ul', { class: 'found', role: 'list' })
  const state = el('p', { class: 'muted', role: 'status' })
  const search = async () => {
    const words = query.value.trim()
    Object.assign(memory, { query: words, conversation: place.value })
    if (words) await ask()
  }
  // The first page, or the one before an entry.
  const ask = async before => {
    const { query, conversation } = memory
    state.textContent = before ? 'Looking further back…' : 'Searching…'
    further.hidden = true
    try {
      const page = await house.ask('search', { query, conversation: Number(conversation) || undefined, before, limit: RESULTS_MOST })
      if (query !== memory.query || conversation !== memory.conversation) return
      memory.results = before ? [...memory.results, ...page.results] : page.results
      memory.before = page.before
      draw()
    } catch (error) {
      state.textContent = told(error)
    }
  }
  const draw = () => {
    const { results, before } = memory
    if (!results) return
    further.hidden = !before
    state.textContent = before ? `${results.length === 0 ? 'Nothing' : `The latest ${results.length}`} so far: there may be more, and older.`
      : results.length === 0 ? 'Nothing has all these words. Try fewer, or the beginning of the last one.' : `${results.length} found.`
    fill(list, results.map(found => row(found, store)))
    settle()
  }
  const further = el('button', { type: 'button', class: 'button', text: 'Look further back', on: { click: () => ask(memory.before) } })
  further.hidden = true
  const form = el('form', { class: 'filters', role: 'search', on: { submit: event => { event.preventDefault(); search() } } },
    query, place, el('button', { type: 'submit', class: 'button primary', text: 'Search' }))
  fill(main, screenHead(frame, 'Search'), el('div', { class: 'page-body' }, form, state, list, further))
  const settle = roving(list, '.found-link')
  place.addEventListener('change', search)
  draw()
  invite(query)
  return {}
}

/** The words that were searched for. */
function marked(element, query) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const texts = []
  while (walker.nextNode()) texts.push(walker.currentNode)
  for (const text of texts) {
    const stretches = sought(text.data, query)
    if (stretches.length > 0) text.replaceWith(...parts(text.data, stretches))
  }
  return element
}

function parts(text, stretches) {
  const parts = []
  let at = 0
  for (const [from, to] of stretches) {
    parts.push(text.slice(at, from), el('mark', { text: text.slice(from, to) }))
    at = to
  }
  return [...parts, text.slice(at)]
}

function row({ entry, conversation_name }, store) {
  return el('li', { class: 'found-row' },
    avatar(entry.author, { small: true }),
    el('div', { class: 'found-main' },
      el('a', { class: 'found-link', href: address.conversation(entry.conversation, entry.seq) },
        name(entry.author.username, { class: 'person-name' }), el('span', { class: 'muted' }, ' in ', name(conversation_name), ` · ${shortTimeOf(entry.at)}`)),
      marked(prose(entry.text, { store }), memory.query),
      entry.file && el('p', { class: 'muted' }, 'File: ', marked(name(entry.file.name), memory.query))))
}
