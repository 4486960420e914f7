// Rooms: all there are, and making, joining, changing, leaving, ending one.

import { count, fits, line } from '../core/text.js'
import { byName } from '../core/store.js'
import { button, el, fill, icon, invite, name, phrase } from './dom.js'
import { confirm, form } from './dialog.js'
import { attempt, complain, notice } from './notices.js'
import { address, go } from './route.js'
import { screenHead, waitingFor } from './heading.js'

const PASSWORD = { name: 'password', label: 'Password', type: 'password', autocomplete: 'off' }

export function showRooms(main, frame) {
  const { store, house, scope } = frame
  const filter = el('input', { type: 'search', placeholder: 'Filter by name', 'aria-label': 'Filter rooms by name', on: { input: () => draw() } })
  const list = el('ul', { class: 'cards', role: 'list' })
  let rooms
  fill(main, screenHead(frame, 'All rooms', button({ text: 'Make a room', icon: 'add', kind: 'primary', press: () => createRoom(frame) })),
    el('div', { class: 'page-body' }, el('div', { class: 'filters' }, filter), list))
  const draw = () => {
    if (!rooms) return fill(list, el('li', { class: 'empty', text: waitingFor(store) }))
    const shown = rooms.map(room => ({ room, fit: fits(room.name, filter.value) })).filter(({ fit }) => fit > 0)
      .sort((a, b) => (filter.value ? b.fit - a.fit : 0) || byName(a.room.name, b.room.name))
    fill(list, shown.length === 0 ? el('li', { class: 'empty', text: 'No room is called that. You could make one.' }) : shown.map(({ room }) => row(room, frame)))
  }
  const load = () => house.ask('rooms').then(reply => { rooms = reply.rooms; draw() }).catch(error => { draw(); if (error.code !== 'lost') complain(error) })
  draw()
  scope.watch(['rooms', 'conversations', 'link'], soon(load))
  invite(filter)
  return {}
}

/** Several changes at once ask once. */
function soon(work) {
  let timer
  return () => { clearTimeout(timer); timer = setTimeout(work, 60) }
}

function row(room, frame) {
  const joined = Boolean(frame.store.conversation(room.id))
  const act = joined
    ? el('a', { class: 'button', href: address.conversation(room.id), 'aria-label': `Open ${room.name}`, text: 'Open' })
    : button({ text: 'Join', label: `Join ${room.name}`, kind: 'primary', press: () => joinRoom(frame, room) })
  return el('li', { class: 'card' },
    el('span', { class: 'conversation-sign' }, icon(room.kind === 'voice' ? 'voice' : room.locked ? 'lock' : 'hash')),
    el('div', { class: 'card-main' },
      el('h2', {}, name(room.name), room.locked && el('span', { class: 'tag', text: 'password' }), room.kind === 'voice' && el('span', { class: 'tag', text: 'voice' })),
      room.description && el('p', { dir: 'auto', text: line(room.description, 300) }),
      el('p', { class: 'muted' }, count(room.members, 'member'), room.owner && [' · owned by ', name(room.owner.username)])),
    act)
}

export async function joinRoom(frame, room, seq) {
  const { house } = frame
  const join = async password => {
    const conversation = await house.ask('join_room', { conversation: room.id, password: password || undefined })
    house.entered(conversation)
    go(address.conversation(room.id, seq))
    return true
  }
  if (!room.locked) return join().catch(complain)
  return form({
    title: phrase`Join ${room.name}`, text: 'This room asks for a password. Its members know it.',
    fields: [{ ...PASSWORD, required: !frame.store.isAdmin }], action: 'Join', submit: ({ password }) => join(password),
  })
}

export function createRoom({ house }) {
  return form({
    title: 'Make a room',
    fields: [
      { name: 'name', label: 'Name', required: true, maxlength: 100 },
      { name: 'description', label: 'Description', type: 'area', rows: 2, maxlength: 4000 },
      { name: 'kind', label: 'Kind', type: 'select', options: [['text', 'Text'], ['voice', 'Voice and text']] },
      { ...PASSWORD, hint: 'Whoever joins has to know it. Empty: anybody may join.' },
    ],
    action: 'Make the room',
    async submit({ name, description, kind, password }) {
      const conversation = await house.ask('create_room', { name, description, kind, password: password || undefined })
      house.entered(conversation)
      go(address.conversation(conversation.id))
      return true
    },
  })
}

export function editRoom({ house }, room) {
  return form({
    title: 'Change the room',
    fields: [
      { name: 'name', label: 'Name', required: true, maxlength: 100, value: room.name },
      { name: 'description', label: 'Description', type: 'area', rows: 3, maxlength: 4000, value: room.description },
      { ...PASSWORD, label: 'New password', hint: 'Empty: as it is.' },
      ...room.locked ? [{ name: 'unlock', label: 'Let anybody join, without a password', type: 'check' }] : [],
    ],
    action: 'Save',
    async submit({ name, description, password, unlock }) {
      const changed = { conversation: room.id }
      if (name !== room.name) changed.name = name
      if (description !== (room.description ?? '')) changed.description = description
      if (unlock) changed.password = ''
      else if (password) changed.password = password
      house.entered(await house.ask('update_room', changed))
      notice('Saved.')
      return true
    },
  })
}

export async function leaveRoom({ house, store }, one) {
  const others = one.room_role === 'owner' ? await heirs({ house, store }, one).catch(complain) : []
  if (!others) return
  const back = one.room.locked ? 'You need its password to come back.' : 'You can come back at any time.'
  const left = others.length > 0 ? await handOver({ house, store }, one, others, back)
    : await confirm({ title: phrase`Leave ${store.name(one)}?`, text: one.room_role === 'owner' ? `${back} Nobody else is in it, so it stays yours.` : back, action: 'Leave' })
      && await attempt(() => house.ask('leave_room', { conversation: one.id }))
  if (!left) return
  house.forgetConversation(one.id)
  go('#/')
}

/** Who can get a room that its owner leaves, whom it would fall to first. */
async function heirs({ house, store }, one) {
  await house.loadMembers(one.id)
  const after = member => Number(member.room_role !== 'moderator')
  return store.members.get(one.id).filter(member => member.id !== store.me.id)
    .sort((a, b) => after(a) - after(b) || a.joined_at - b.joined_at)
}

function handOver({ house, store }, one, others, back) {
  const named = member => [String(member.id), member.room_role === 'moderator' ? `${member.username}, moderator` : member.username]
  return form({
    title: `Leave ${store.name(one)}?`, text: `The room is yours, and goes to somebody else in it. ${back}`,
    fields: [{ name: 'heir', label: 'Who gets the room', type: 'select', options: others.map(named) }],
    action: 'Hand it over and leave',
    async submit({ heir }) {
      await house.ask('leave_room', { conversation: one.id, heir: Number(heir) })
      return true
    },
  })
}

export async function deleteRoom({ house }, room) {
  const sure = await confirm({ title: phrase`Delete ${room.name}?`, text: 'The room and everything said in it is gone for everybody. This cannot be taken back.', action: 'Delete the room', danger: true })
  if (!sure || !await attempt(() => house.ask('delete_room', { conversation: room.id }), `${room.name} is deleted.`)) return
  house.forgetConversation(room.id)
  go('#/')
}
