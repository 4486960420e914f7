// A conversation: its head, timeline, composer, and who is in it.

import { may } from '../core/store.js'
import { count } from '../core/text.js'
import { button, el, fill, icon, invite, name } from './dom.js'
import { openPerson } from './card.js'
import { copy, linkTo } from './clipboard.js'
import { confirm } from './dialog.js'
import { Composer } from './composer.js'
import { pickEmoji } from './emoji.js'
import { openMenu } from './menu.js'
import { showMembers } from './members.js'
import { moderation, showSanctions } from './moderation.js'
import { attempt, notice } from './notices.js'
import { avatar, between } from './person.js'
import { address, go } from './route.js'
import { deleteRoom, editRoom, leaveRoom } from './rooms.js'
import { Timeline } from './timeline.js'
import { recall, keep } from '../core/memory.js'

export function showChat(main, frame) {
  const { store, house, scope, at: { id, seq } } = frame
  store.open = id
  sessionStorage.setItem('titan.last', id)
  scope.add(() => { if (store.open === id) store.open = store.newAfter = undefined })
  const head = el('header', { class: 'screen-head' })
  const members = el('aside', { class: 'members', 'aria-label': 'Members', id: 'members' })
  const act = actions()
  const timeline = new Timeline(frame, id, act, seq)
  const composer = new Composer(frame, id, timeline)
  const column = el('div', { class: 'column' }, timeline.element, composer.element)
  const panel = panelOf(members, frame)
  fill(main, head, el('div', { class: 'chat-body' }, column, members))
  scope.watch(['conversations', 'people', 'me'], () => store.conversation(id) && drawHead(head, { ...frame, id, panel }))
  showMembers(members, { ...frame, id, panel })
  timeline.start(scope)
  if (!seq && !document.querySelector('dialog[open]')) invite(composer.input)
  return { goTo: ({ seq }) => { if (seq) timeline.goTo(seq); else composer.focus() }, composer, timeline }

  function actions() {
    return {
      reply: message => composer.reply(message),
      edit: message => composer.edit(message),
      react: (seq, emoji, on) => house.outbox.react(id, seq, emoji, on),
      pick: (message, anchor) => pickEmoji(anchor, emoji => house.outbox.react(id, message.seq, emoji, true)),
      copy: message => attempt(() => copy(message.text), 'Copied.'),
      link: message => attempt(() => copy(linkTo(address.conversation(id, message.seq))), 'The link is copied. Members can open it.'),
      person: (anchor, account) => openPerson(anchor, frame, personOf(account), moderated(account)),
      named: (anchor, called) => { const person = store.named(called); if (person) act.person(anchor, person) },
      retry: item => house.outbox.retry(item.client_id),
      discard: item => house.outbox.discard(item.client_id),
      mayDelete: message => may(store.conversation(id), message.author.id === store.me.id ? 'erase_own' : 'erase_others'),
      async remove(message) {
        const sure = await confirm({ title: 'Delete this message?', text: 'Its text is erased for everybody. This cannot be taken back.', action: 'Delete', danger: true })
        if (sure) house.outbox.delete(id, message.seq)
      },
      more: (message, anchor) => openMenu(anchor, [
        { text: 'Reply', icon: 'reply', press: () => act.reply(message) },
        { text: 'React', icon: 'smile', press: () => act.pick(message, anchor) },
        message.author.id === store.me.id && { text: 'Edit', icon: 'edit', press: () => act.edit(message) },
        { text: `About ${message.author.username}`, icon: 'people', press: () => act.person(anchor, message.author) },
        message.seq && { text: 'Copy a link', icon: 'link', press: () => act.link(message) },
        message.text && { text: 'Copy the text', icon: 'file', press: () => act.copy(message) },
        act.mayDelete(message) && { text: 'Delete', icon: 'remove', press: () => act.remove(message), danger: true },
      ], { label: 'What to do with this message' }),
    }
  }

  function personOf(account) { return store.people.get(account.id) ?? account }

  function moderated(account) {
    const one = store.conversation(id)
    const member = one.room && store.members.get(id)?.find(member => member.id === account.id)
    return member ? moderation(frame, one, member) : []
  }
}

/** The list of members stands beside the timeline where there is room, and over it where there is none. */
function panelOf(members, { scope }) {
  const beside = matchMedia('(min-width: 1100px)')
  let opener
  const panel = {
    open: beside.matches && recall('members') !== false,
    toggle() {
      panel.open = !panel.open
      if (beside.matches) keep('members', panel.open)
      settle()
      if (panel.open) {
        opener = document.activeElement
        if (!beside.matches) members.querySelector('button')?.focus()
      } else if (members.contains(document.activeElement)) {
        opener?.focus()
      }
    },
  }
  const settle = () => { members.hidden = !panel.open }
  scope.listen(beside, 'change', () => { panel.open = beside.matches && recall('members') !== false; settle() })
  scope.listen(members, 'keydown', event => { if (event.key === 'Escape' && !beside.matches && panel.open) { event.stopPropagation(); panel.toggle(); opener?.focus() } })
  settle()
  return panel
}

function drawHead(head, frame) {
  const { store, id, panel } = frame
  const one = store.conversation(id)
  const sign = JSON.stringify([store.name(one), one.room, one.room_role, one.may, one.direct && store.isOnline(one.direct.id), store.me.role])
  if (head.dataset.sign === sign) return
  head.dataset.sign = sign
  const focused = head.contains(document.activeElement) && document.activeElement.getAttribute('aria-label')
  fill(head, frame.handle(),
    one.room ? el('span', { class: 'conversation-sign' }, icon(one.room.kind === 'voice' ? 'voice' : one.room.locked ? 'lock' : 'hash'))
      : avatar(one.direct, { small: true, online: store.isOnline(one.direct.id) }),
    el('div', { class: 'screen-names' }, el('h1', {}, name(store.name(one))), el('p', { class: 'screen-about', dir: 'auto', text: about(one, store) })),
    el('div', { class: 'screen-tools' },
      button({ label: 'Search here', icon: 'search', kind: 'quiet wide-only', press: () => go(`#/search/${id}`) }),
      button({ label: 'Members', icon: 'people', kind: 'quiet', press: () => panel.toggle() }),
      button({ label: one.room ? 'About this room' : 'About this conversation', icon: 'more', kind: 'quiet', press: event => openMenu(event.currentTarget, menuOf(one, frame), { label: 'This conversation' }) })))
  if (focused) head.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus()
}

function about(one, store) {
  if (one.room) return one.room.description || count(one.room.members, 'member')
  const { full_name, titan_number } = one.direct
  return [full_name, `No. ${titan_number}`, store.isOnline(one.direct.id) ? 'online' : 'offline'].filter(Boolean).join(' · ')
}

function menuOf(one, frame) {
  const { store } = frame
  const search = { text: 'Search here', icon: 'search', press: () => go(`#/search/${one.id}`) }
  if (one.direct) return [search, readEntry(one, frame), ...between(frame, one.direct)]
  return [
    search,
    readEntry(one, frame),
    { text: 'Copy a link to the room', icon: 'link', press: () => attempt(() => copy(linkTo(address.conversation(one.id))), 'The link is copied. Whoever has an account here can join by it.') },
    may(one, 'change_room') && { text: 'Change the room', icon: 'edit', press: () => editRoom(frame, one.room) },
    may(one, 'moderate') && { text: 'Muted and banned', icon: 'shield', press: () => showSanctions(frame, one) },
    may(one, 'leave') && { text: 'Leave the room', icon: 'out', press: () => leaveRoom(frame, one) },
    may(one, 'delete_room') && { text: 'Delete the room', icon: 'remove', press: () => deleteRoom(frame, one.room), danger: true },
  ]
}

function readEntry(one, { house }) {
  return one.unread > 0 && { text: 'Mark as read', icon: 'check', press: () => { house.markRead(one.id); notice('Marked as read.') } }
}
