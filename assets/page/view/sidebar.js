// The list of conversations with what is unread, and the ways to everything else. Direct messages stand first, so that no number of
// rooms buries them; what is unread and out of sight is told at the edge.

import { keep, recall } from '../core/memory.js'
import { count } from '../core/text.js'
import { button, el, fill, icon, name, reconcile, roving } from './dom.js'
import { logOut } from './leaving.js'
import { openMenu } from './menu.js'
import { createRoom } from './rooms.js'
import { showKeys } from './keys.js'
import { openSwitcher } from './switcher.js'
import { avatar } from './person.js'
import { address, go, where } from './route.js'
import { switchTheme } from './theme.js'

/** So many directs stand above the rooms; the others are asked for. */
const DIRECTS_SHOWN = 8

export function showSidebar(sidebar, frame) {
  const { store, scope } = frame
  const redraw = () => draw()
  const directs = section('directs', 'Direct messages', { label: 'Write to somebody', press: () => go(address.screen('people')) }, 'Nobody yet. Find somebody under “People”.', redraw)
  const rooms = section('rooms', 'Rooms', { label: 'Make a room', press: () => createRoom(frame) }, 'You are in no room.', redraw)
  const me = el('div', { class: 'sidebar-me' })
  const ways = el('ul', { class: 'ways', role: 'list' })
  const list = el('div', { class: 'sidebar-list' }, directs.element, rooms.element)
  const edge = edgeOf(list)
  fill(sidebar,
    el('div', { class: 'sidebar-top' },
      button({ text: 'Go to…', icon: 'search', kind: 'jump', press: () => openSwitcher(frame), 'aria-keyshortcuts': 'Control+K' }),
      button({ label: 'Close the list', icon: 'close', kind: 'quiet drawer-close', press: () => frame.close() })),
    el('div', { class: 'sidebar-frame' }, list, edge.element), ways, me)
  const settle = roving(list, '.conversation-link')
  const draw = () => {
    if (!store.me) return
    directs.draw(store.directs(), store, DIRECTS_SHOWN)
    rooms.draw(store.rooms(), store)
    drawWays(ways, store)
    settle()
    edge.draw()
  }
  scope.watch(['conversations', 'people', 'me', 'relations'], draw)
  scope.listen(window, 'hashchange', draw)
  scope.listen(window, 'resize', () => edge.draw())
  scope.watch(['me', 'link'], () => store.me && drawMe(me, frame))
}

/** Conversations of one kind. Folded up, only those stay that are open or unread. */
function section(key, title, add, empty, redraw) {
  const id = `list-${key}`
  const list = el('ul', { class: 'conversation-list', role: 'list', 'aria-labelledby': id })
  const note = el('p', { class: 'list-empty', text: empty, hidden: true })
  const more = button({ kind: 'link list-more', text: 'All', press: () => { all = !all; redraw() } })
  const fold = el('button', { type: 'button', class: 'fold', id, on: { click: () => { keep(`folded.${key}`, recall(`folded.${key}`) ? undefined : true); redraw() } } }, icon('down'), el('span', { text: title }))
  const element = el('section', { class: 'sidebar-section' },
    el('div', { class: 'sidebar-head' }, el('h2', {}, fold), button({ ...add, icon: 'add', kind: 'quiet small' })), list, more, note)
  let all = false
  const draw = (conversations, store, most = Infinity) => {
    const folded = Boolean(recall(`folded.${key}`))
    const stays = one => one.unread > 0 || isOpen(one)
    const shown = conversations.filter((one, at) => stays(one) || (!folded && (all || at < most)))
    fold.setAttribute('aria-expanded', String(!folded))
    drawList(list, shown, store)
    note.hidden = conversations.length > 0 || folded
    more.hidden = folded || conversations.length <= most
    more.firstElementChild.textContent = all ? 'Fewer' : `All ${conversations.length}`
  }
  return { element, draw }
}

const isOpen = one => where().screen === 'c' && where().id === one.id

/** What is unread below what is in sight. */
function edgeOf(list) {
  const below = () => {
    const bottom = list.getBoundingClientRect().bottom
    return [...list.querySelectorAll('.conversation-link.unread')].filter(link => link.getBoundingClientRect().top > bottom - 12)
  }
  const element = button({ kind: 'edge', icon: 'down', text: 'Unread', press: () => below()[0]?.scrollIntoView({ block: 'center' }) })
  const draw = () => {
    const number = below().length
    element.hidden = number === 0
    element.lastElementChild.textContent = `${number} unread below`
  }
  list.addEventListener('scroll', draw, { passive: true })
  return { element, draw }
}

function drawList(list, conversations, store) {
  reconcile(list, conversations, one => one.id, () => el('li', {}, el('a', { class: 'conversation-link' })), (item, one) => {
    const open = isOpen(one)
    const sign = [store.name(one), one.unread, one.mentions, open, one.room?.locked, one.direct && store.isOnline(one.direct.id)].join('|')
    if (item.dataset.sign === sign) return
    item.dataset.sign = sign
    const link = item.firstElementChild
    link.href = address.conversation(one.id)
    link.classList.toggle('unread', one.unread > 0)
    if (open) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
    fill(link, signOf(one, store), name(store.name(one), { class: 'conversation-name' }), badge(one))
  })
}

function signOf(one, store) {
  if (one.direct) return avatar(one.direct, { small: true, online: store.isOnline(one.direct.id) })
  const which = one.room.kind === 'voice' ? 'voice' : one.room.locked ? 'lock' : 'hash'
  return el('span', { class: 'conversation-sign' }, icon(which))
}

function badge(one) {
  if (one.unread === 0) return undefined
  const loud = one.direct || one.mentions > 0
  const number = one.direct ? one.unread : one.mentions || one.unread
  const spoken = one.mentions > 0 && !one.direct ? `, ${one.unread} unread, ${one.mentions} for you` : `, ${one.unread} unread`
  return [
    el('span', { class: loud ? 'badge loud' : 'badge', 'aria-hidden': 'true', text: `${loud && !one.direct ? '@' : ''}${number > 999 ? '999+' : number}` }),
    el('span', { class: 'unseen', text: spoken }),
  ]
}

function drawWays(ways, store) {
  const asking = [...store.relations.values()].filter(one => one.relation === 'requests').length
  const all = [
    ['rooms', 'hash', 'All rooms'],
    ['people', 'people', 'People', asking],
    ['repository', 'box', 'Repository'],
    ['search', 'search', 'Search'],
    store.isAdmin && ['house', 'shield', 'Administration'],
  ].filter(Boolean)
  const at = where().screen
  fill(ways, all.map(([screen, which, text, number]) => el('li', {},
    el('a', { class: 'way', href: address.screen(screen), 'aria-current': at === screen && 'page' }, icon(which), el('span', { text }),
      number > 0 && [el('span', { class: 'badge loud', 'aria-hidden': 'true', text: number }), el('span', { class: 'unseen', text: `, ${number} new` })]))))
}

function drawMe(me, frame) {
  const { store, house } = frame
  const menu = event => openMenu(event.currentTarget, [
    { text: 'My account', icon: 'gear', press: () => go(address.screen('account')) },
    { text: 'Dark or light', icon: 'theme', press: switchTheme },
    { text: 'Keys', icon: 'keys', press: showKeys },
    { text: 'Log out', icon: 'out', press: () => logOut(house) },
  ], { label: 'My account' })
  const focused = me.contains(document.activeElement)
  fill(me,
    avatar(store.me, { online: store.link === 'online' }),
    el('div', { class: 'me-names' }, name(store.me.username, { class: 'me-name' }), el('span', { class: 'me-number', text: `No. ${store.me.titan_number}` })),
    button({ label: 'My account and settings', icon: 'more', kind: 'quiet', press: menu }))
  if (focused) me.querySelector('button').focus()
}

/** What waits in the list, as what opens it on a phone says it. */
export function unreadOf(store) {
  const { unread, mentions } = store.unread()
  return { number: mentions || unread, loud: mentions > 0, spoken: unread > 0 ? `, ${count(unread, 'unread', 'unread')}` : '' }
}
