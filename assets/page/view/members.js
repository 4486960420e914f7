// Who is in a room: those online first, and for each what may be done with them here.

import { byName } from '../core/store.js'
import { count } from '../core/text.js'
import { button, el, fill, name, roving } from './dom.js'
import { moderation } from './moderation.js'
import { openPerson } from './card.js'
import { avatar } from './person.js'

const ROLES = { owner: 'owner', moderator: 'moderator' }
/** More than these are not drawn: nobody reads on, and the search finds everybody. */
const SHOWN_MOST = 300

export function showMembers(panel, frame) {
  const { store, house, scope, id } = frame
  const title = el('h2', { text: 'Members' })
  const body = el('div', { class: 'members-list' })
  fill(panel, el('div', { class: 'members-head' }, title, button({ label: 'Close the list of members', icon: 'close', kind: 'quiet small', press: () => frame.panel.toggle() })), body)
  const settle = roving(body, '.member')
  let loading = false, sign
  const draw = () => {
    if (!store.conversation(id)) return
    const members = store.members.get(id)
    if (!members) {
      if (!loading && store.link === 'online') {
        loading = true
        house.loadMembers(id).catch(() => {}).finally(() => { loading = false })
      }
      return
    }
    const now = signOf(members, store, store.conversation(id))
    if (now === sign) return
    sign = now
    title.textContent = count(members.length, 'member')
    const sorted = [...members].sort((a, b) => byName(a.username, b.username))
    const [here, away] = [sorted.filter(one => store.isOnline(one.id)), sorted.filter(one => !store.isOnline(one.id))]
    const focused = document.activeElement?.closest?.('.member')?.dataset.account
    fill(body, group('Online', here.slice(0, SHOWN_MOST), frame, here.length), group('Offline', away.slice(0, SHOWN_MOST), frame, away.length))
    settle()
    if (focused) body.querySelector(`[data-account="${focused}"]`)?.focus()
  }
  scope.watch([`members:${id}`, 'people', 'link', 'relations'], draw)
}

/** Whatever is shown of them, as a text: presence changes often, and seldom that of who is here. */
const signOf = (members, store, one) => JSON.stringify([one.room_role, store.me.role, members.map(member =>
  [member.id, member.username, member.room_role, member.role, member.may, member.muted_until > Date.now(), store.isOnline(member.id), store.relations.get(member.id)?.relation])])

function group(title, members, frame, number) {
  if (members.length === 0) return undefined
  const id = `members-${title.toLowerCase()}`
  return el('section', { 'aria-labelledby': id }, el('h3', { id, text: `${title} · ${number}` }),
    el('ul', { role: 'list' }, members.map(member => el('li', {}, row(member, frame)))),
    number > members.length && el('p', { class: 'muted', text: `And ${number - members.length} more.` }))
}

function row(member, frame) {
  const { store, id } = frame
  const one = store.conversation(id)
  const muted = member.muted_until > Date.now()
  const me = member.id === store.me.id
  const open = event => openPerson(event.currentTarget, frame, member, one.room ? moderation(frame, one, member) : [])
  const relation = store.relations.get(member.id)?.relation
  const notes = [ROLES[member.room_role], member.role === 'admin' && 'admin', muted && 'muted', me && 'you', relation === 'friend' && 'friend', relation === 'blocked' && 'blocked']
  return el('button', { type: 'button', class: 'member', data: { account: member.id }, on: { click: open } },
    avatar(member, { small: true, online: store.isOnline(member.id) }),
    el('span', { class: 'member-names' }, name(member.username, { class: 'member-name' }),
      el('span', { class: 'member-notes', text: notes.filter(Boolean).join(' · ') })))
}
