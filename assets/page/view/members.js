// Who is in a room: those online first, and for each what may be done with them here.

import { byName } from '../core/store.js'
import { count } from '../core/text.js'
import { button, el, fill, name, roving } from './dom.js'
import { moderation } from './moderation.js'
import { avatar, openPerson } from './person.js'

const ROLES = { owner: 'owner', moderator: 'moderator' }
/** More than these are not drawn: nobody reads on, and the search finds everybody. */
const SHOWN_MOST = 300

export function showMembers(panel, frame) {
  const { store, house, scope, id } = frame
  const title = el('h2', { text: 'Members' })
  const body = el('div', { class: 'members-list' })
  fill(panel, el('div', { class: 'members-head' }, title, button({ label: 'Close the list of members', icon: 'close', kind: 'quiet small', press: () => frame.panel.toggle() })), body)
  const settle = roving(body, '.member')
  let loading = false
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
    title.textContent = count(members.length, 'member')
    const sorted = [...members].sort((a, b) => byName(a.username, b.username))
    const [here, away] = [sorted.filter(one => store.isOnline(one.id)), sorted.filter(one => !store.isOnline(one.id))]
    const focused = document.activeElement?.closest?.('.member')?.dataset.account
    fill(body, group('Online', here, frame), group('Offline', away.slice(0, SHOWN_MOST), frame),
      away.length > SHOWN_MOST && el('p', { class: 'muted', text: `And ${away.length - SHOWN_MOST} more.` }))
    settle()
    if (focused) body.querySelector(`[data-account="${focused}"]`)?.focus()
  }
  scope.watch([`members:${id}`, 'people', 'link', 'relations'], draw)
}

function group(title, members, frame) {
  if (members.length === 0) return undefined
  const id = `members-${title.toLowerCase()}`
  return el('section', { 'aria-labelledby': id }, el('h3', { id, text: `${title} · ${members.length}` }),
    el('ul', { role: 'list' }, members.map(member => el('li', {}, row(member, frame)))))
}

function row(member, frame) {
  const { store, id } = frame
  const one = store.conversation(id)
  const muted = member.muted_until > Date.now()
  const me = member.id === store.me.id
  const open = event => openPerson(event.currentTarget, frame, member, one.room ? moderation(frame, one, member) : [])
  const relation = store.relations.get(member.id)?.relation
  const notes = [ROLES[member.room_role], member.role === 'admin' && 'admin', muted && 'muted', me && 'you', relation === 'friend' && 'friend', relation === 'blocked' && 'blocked']
  return el('button', { type: 'button', class: 'member', data: { account: member.id }, on: { click: open }, disabled: me && !one.room },
    avatar(member, { small: true, online: store.isOnline(member.id) }),
    el('span', { class: 'member-names' }, name(member.username, { class: 'member-name' }),
      el('span', { class: 'member-notes', text: notes.filter(Boolean).join(' · ') })))
}
