// The list of conversations with what is unread, and the ways to everything else.

import { button, el, fill, icon, name, reconcile, roving } from './dom.js'
import { openMenu } from './menu.js'
import { createRoom } from './rooms.js'
import { showKeys } from './keys.js'
import { openSwitcher } from './switcher.js'
import { avatar } from './person.js'
import { address, go, where } from './route.js'
import { switchTheme } from './theme.js'

export function showSidebar(sidebar, frame) {
  const { store, scope } = frame
  const rooms = section('Rooms', { label: 'Make a room', press: () => createRoom(frame) })
  const directs = section('Direct messages', { label: 'Write to somebody', press: () => go(address.screen('people')) })
  const me = el('div', { class: 'sidebar-me' })
  const ways = el('ul', { class: 'ways', role: 'list' })
  const list = el('div', { class: 'sidebar-list' }, rooms.element, directs.element)
  fill(sidebar,
    el('div', { class: 'sidebar-top' },
      button({ text: 'Go to…', icon: 'search', kind: 'jump', press: () => openSwitcher(frame), 'aria-keyshortcuts': 'Control+K' }),
      button({ label: 'Close the list', icon: 'close', kind: 'quiet drawer-close', press: () => frame.close() })),
    list, ways, me)
  const settle = roving(list, '.conversation-link')
  const draw = () => {
    if (!store.me) return
    drawList(rooms.list, store.rooms(), store)
    drawList(directs.list, store.directs(), store)
    rooms.empty.hidden = store.rooms().length > 0
    directs.empty.hidden = store.directs().length > 0
    drawWays(ways, store)
    settle()
  }
  scope.watch(['conversations', 'people', 'me', 'relations'], draw)
  scope.listen(window, 'hashchange', draw)
  scope.watch(['me'], () => store.me && drawMe(me, frame))
}

function section(title, add) {
  const id = `list-${title.split(' ')[0].toLowerCase()}`
  const list = el('ul', { class: 'conversation-list', role: 'list', 'aria-labelledby': id })
  const empty = el('p', { class: 'list-empty', text: title === 'Rooms' ? 'You are in no room.' : 'Nobody yet. Find somebody under “People”.', hidden: true })
  const element = el('section', { class: 'sidebar-section' },
    el('div', { class: 'sidebar-head' }, el('h2', { id, text: title }), button({ ...add, icon: 'add', kind: 'quiet small' })),
    list, empty)
  return { element, list, empty }
}

function drawList(list, conversations, store) {
  const at = where()
  reconcile(list, conversations, one => one.id, () => el('li', {}, el('a', { class: 'conversation-link' })), (item, one) => {
    const open = at.screen === 'c' && at.id === one.id
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
    { text: 'Log out', icon: 'out', press: () => house.logout() },
  ], { label: 'My account' })
  fill(me,
    avatar(store.me, { online: true }),
    el('div', { class: 'me-names' }, name(store.me.username, { class: 'me-name' }), el('span', { class: 'me-number', text: `No. ${store.me.titan_number}` })),
    button({ label: 'My account and settings', icon: 'more', kind: 'quiet', press: menu }))
}
