// Keys that work everywhere, and the overlay that lists all of them.

import { el } from './dom.js'
import { isApple, isTyped, nameOf } from './keyboard.js'
import { open } from './dialog.js'
import { address, go, where } from './route.js'
import { openSwitcher } from './switcher.js'

const KEYS = [
  ['Everywhere', [
    ['Ctrl K', 'Go to any room, person or screen'],
    ['Ctrl Shift F', 'Search what was said'],
    ['Alt ↑  Alt ↓', 'The conversation before, after'],
    ['Alt Shift ↓', 'The next conversation with something unread'],
    ['F6  Shift F6', 'The next, previous part of the page'],
    ['Ctrl /', 'This list'],
    ['Esc', 'Close what is open; back to the message field'],
  ]],
  ['Writing', [
    ['Enter', 'Send'],
    ['Shift Enter', 'A new line'],
    ['↑ in an empty field', 'Change your last message'],
    ['@ and letters', 'Name somebody; Tab or Enter takes the name'],
    ['Esc', 'Give up the reply or the change'],
  ]],
  ['On a message', [
    ['↑  ↓  Home  End', 'Move between messages'],
    ['R', 'Reply'],
    ['+', 'React'],
    ['E', 'Change it, if it is yours'],
    ['Del', 'Delete it'],
    ['C', 'Copy its text'],
    ['Enter', 'All that can be done with it'],
  ]],
]

export function showKeys() {
  if (document.querySelector('dialog.keys')) return
  open({
    title: 'Keys',
    className: 'keys',
    build: () => KEYS.map(([title, keys]) => el('section', {}, el('h3', { text: title }),
      el('dl', { class: 'key-list' }, keys.map(([key, does]) => el('div', {}, el('dt', {}, keyCaps(key)), el('dd', { text: does })))))),
  })
}

/** One cap for each of several keys; those of a Mac under the names they have there. */
const keyCaps = text => text.split('  ').flatMap((key, at) => [at > 0 && ' ', el('kbd', { text: isApple ? key.replace('Ctrl', '⌘').replace('Alt', '⌥') : key })])

export function startKeys(frame) {
  frame.scope.listen(window, 'keydown', event => {
    const named = nameOf(event)
    const does = keys[named]
    if (!does || !isTyped(event) || event.defaultPrevented) return
    if (document.querySelector('dialog[open]') && named !== 'Ctrl K' && named !== 'Ctrl /') return
    if (does(frame, event) !== false) event.preventDefault()
  })
}

const keys = {
  'Ctrl K': openSwitcher,
  'Ctrl Shift F': () => go(where().screen === 'c' ? `#/search/${where().id}` : address.screen('search')),
  'Ctrl /': showKeys,
  'Alt ArrowUp': frame => step(frame, -1),
  'Alt ArrowDown': frame => step(frame, 1),
  'Alt Shift ArrowUp': frame => step(frame, -1, one => one.unread > 0),
  'Alt Shift ArrowDown': frame => step(frame, 1, one => one.unread > 0),
  F6: frame => nextPart(frame, 1),
  'Shift F6': frame => nextPart(frame, -1),
  Escape: escape,
}

function step({ store }, by, wanted = () => true) {
  const all = [...store.directs(), ...store.rooms()]
  const at = all.findIndex(one => one.id === where().id)
  for (let tried = 1; tried <= all.length; tried++) {
    const one = all[(at + by * tried + all.length * 2) % all.length]
    if (wanted(one)) return go(address.conversation(one.id))
  }
}

/** The list of conversations, the timeline, the composer, the members: each by the stop it has for the tab key. */
function nextPart({ main }, by) {
  const parts = [
    document.querySelector('.sidebar .conversation-link[tabindex="0"]'),
    main.querySelector('.timeline .line[tabindex="0"]') ?? main.querySelector('.page-body :is(input, button, a)'),
    main.querySelector('.composer textarea'),
    main.querySelector('.members:not([hidden]) .member[tabindex="0"]'),
  ].filter(part => part?.offsetParent)
  if (parts.length === 0) return false
  const regions = ['.sidebar', '.timeline, .page-body', '.composer', '.members']
  const at = parts.findIndex(part => regions.some(region => part.closest(region)?.contains(document.activeElement)))
  parts[(at + by + parts.length) % parts.length].focus()
}

/** A menu or a picker closes by itself, as the browser does it; then the drawer; and then it is back to the message field. */
function escape({ main, close }) {
  if (document.querySelector(':popover-open')) return false
  if (close()) return
  const field = main.querySelector('.composer textarea')
  if (!field || document.activeElement === field) return false
  field.focus()
}
