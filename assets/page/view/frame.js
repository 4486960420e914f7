// The frame of the house: the list of conversations beside the screen that is open, drawers on a phone, the state of the
// connection, keys that work everywhere.

import { Scope, button, el, fill, icon } from './dom.js'
import { count, line } from '../core/text.js'
import { notice, say } from './notices.js'
import { knock } from './knock.js'
import { go, address, where } from './route.js'
import { showSidebar, unreadOf } from './sidebar.js'
import { startAttention } from './attention.js'
import { startKeys } from './keys.js'
import { startTransfers } from './tray.js'
import { showChat } from './chat.js'
import { showRepository } from './repository.js'
import { showRooms } from './rooms.js'
import { showPeople } from './people.js'
import { showSearch } from './search.js'
import { showHouse } from './administration.js'
import { showAccount } from './account.js'

const SCREENS = { c: showChat, repository: showRepository, rooms: showRooms, people: showPeople, search: showSearch, house: showHouse, account: showAccount }

/** Shows it, and gives back how to end it. */
export function showFrame(root, house) {
  const { store } = house
  const scope = new Scope(store)
  const main = el('main', { class: 'screen', id: 'screen', tabindex: -1 })
  const sidebar = el('nav', { class: 'sidebar', id: 'sidebar', 'aria-label': 'Conversations' })
  const status = el('div', { class: 'status' })
  const shade = el('div', { class: 'shade', on: { click: () => frame.close() } })
  const element = el('div', { class: 'frame' }, el('a', { class: 'skip', href: '#screen', text: 'To the conversation', on: { click: skip } }), sidebar, el('div', { class: 'middle' }, status, main), shade)
  const frame = { house, store, main, scope, ...drawers(element, scope, store) }
  fill(root, element)
  fill(main, el('p', { class: 'empty', text: 'Connecting…' }))
  showSidebar(sidebar, frame)
  const tray = startTransfers(frame)
  element.querySelector('.middle').append(tray)
  scope.watch(['link', 'pending'], () => showStatus(status, frame))
  startAttention(frame)
  startKeys(frame)
  startScreens(frame)
  scope.listen(window, 'beforeunload', event => house.transfers.isSending && event.preventDefault())
  scope.on('removed', () => tellRemoved(frame))
  scope.on('pending', () => tellRefused(frame))
  return () => scope.end()

  function skip(event) {
    event.preventDefault()
    ;(main.querySelector('.composer textarea') ?? main).focus()
  }
}

/** One screen at a time, as the address says. */
function startScreens(frame) {
  const { store, main } = frame
  let screen, shown
  const show = () => {
    if (!store.me) return
    const at = where()
    if (at.screen === 'home') return home(frame)
    if (at.screen === 'c' && !store.conversation(at.id)) {
      home(frame)
      return knock(frame, at)
    }
    const build = SCREENS[at.screen]
    if (!build) return go('#/')
    frame.close()
    const same = shown && shown.screen === at.screen && shown.id === at.id
    if (same && screen.goTo) return screen.goTo(at)
    screen?.scope.end()
    shown = at
    screen = { scope: new Scope(store) }
    main.className = `screen ${at.screen === 'c' ? 'chat' : 'page'}`
    Object.assign(screen, build(main, { ...frame, scope: screen.scope, at }))
  }
  frame.scope.listen(window, 'hashchange', show)
  frame.scope.add(() => screen?.scope.end())
  const first = store.on('me', () => { first(); show() })
  frame.scope.add(first)
  let role
  // What an admin sees, other people don't: a screen that is open is built anew when that changes.
  frame.scope.on('me', () => {
    const changed = role && role !== store.me.role
    role = store.me.role
    if (!changed || shown?.screen === 'c') return
    shown = undefined
    show()
  })
}

/** No conversation is named, or one that is not mine: the one that was open last, or the house's own room. */
function home({ store, openSidebar }) {
  const last = Number(sessionStorage.getItem('titan.last'))
  const to = store.conversation(last) ?? store.rooms()[0] ?? store.directs()[0]
  history.replaceState(null, '', to ? address.conversation(to.id) : address.screen('rooms'))
  dispatchEvent(new HashChangeEvent('hashchange'))
  if (!to) openSidebar()
}

/** A message that was refused says so in its place; where that is out of sight, somebody has to. */
function tellRefused({ store, house }) {
  for (const item of house.outbox.refused()) {
    const { conversation: id, text } = item.fields
    const one = store.conversation(id)
    if (one && id === store.open) continue
    const what = `Not sent${one ? ` in ${store.name(one)}` : ''}: ${item.error}`
    if (one) notice(what, { kind: 'error', action: 'Look', press: () => go(address.conversation(id)) })
    else notice(text ? `${what} You had written: “${line(text, 300)}”` : what, { kind: 'error' })
    if (!one) house.outbox.discard(item.client_id)
  }
}

function tellRemoved({ store }) {
  for (const { id, name, reason } of store.removed.splice(0)) {
    notice(`${name}: ${reason}`)
    const at = where()
    if (at.screen === 'c' && at.id === id) go('#/')
  }
}

/** On a phone the two sides are drawers over the screen. */
function drawers(element, scope, store) {
  const narrow = matchMedia('(max-width: 760px)')
  let opener
  const settle = () => {
    const side = element.dataset.drawer
    element.querySelector('.sidebar').inert = narrow.matches && side !== 'sidebar'
    element.querySelector('.middle').inert = narrow.matches && side === 'sidebar'
  }
  const show = side => {
    if (side) opener = document.activeElement
    element.dataset.drawer = side ?? ''
    settle()
  }
  /** What is unread shows where the list doesn't. */
  const mark = handle => {
    const { number, loud, spoken } = unreadOf(store)
    handle.setAttribute('aria-label', `Conversations${spoken}`)
    handle.querySelector('.badge')?.remove()
    if (number > 0) handle.append(el('span', { class: loud ? 'badge loud' : 'badge', 'aria-hidden': 'true', text: number > 99 ? '99+' : number }))
  }
  scope.on('conversations', () => { for (const handle of element.querySelectorAll('.handle')) mark(handle) })
  scope.listen(narrow, 'change', settle)
  queueMicrotask(settle)
  return {
    narrow,
    openSidebar() { show('sidebar'); element.querySelector('.sidebar .conversation-link[tabindex="0"], .sidebar button')?.focus() },
    close() {
      if (!element.dataset.drawer) return false
      show()
      opener?.isConnected && opener.focus()
      return true
    },
    /** What opens the sidebar, at the left of every screen's head. */
    handle() {
      const handle = button({ label: 'Conversations', icon: 'menu', kind: 'quiet handle', press: () => { show('sidebar'); element.querySelector('.sidebar button')?.focus() } })
      mark(handle)
      return handle
    },
  }
}

function showStatus(status, { store, house }) {
  const waiting = house.outbox?.waiting ?? 0
  const kept = waiting > 0 ? ` ${count(waiting, 'message')} will be sent when it is back.` : ''
  const offline = store.link === 'waiting' || (store.link === 'connecting' && store.me)
  const before = status.dataset.state
  status.dataset.state = offline ? 'offline' : 'online'
  status.hidden = !offline
  if (!offline) {
    fill(status)
    if (before === 'offline') say('Connected again.')
    return
  }
  if (before !== 'offline') say('The connection is lost. What you write is kept and sent when it is back.')
  const said = store.link === 'waiting' ? 'There is no connection. Trying again soon.' : 'Connecting…'
  fill(status, icon('out'), el('span', { text: said + kept }),
    store.link === 'waiting' && button({ text: 'Try now', kind: 'link', press: () => house.link.connect() }))
}
