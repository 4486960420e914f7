// How a person looks, and what concerns just the two of us: the same everywhere they are shown.

import { el, name, phrase } from './dom.js'
import { confirm } from './dialog.js'
import { attempt, notice } from './notices.js'
import { address, go } from './route.js'

/** The first letter in one of eight colours. */
export function avatar({ id, username }, { small = false, online } = {}) {
  const letter = [...username][0]?.toUpperCase() ?? '?'
  return el('span', { class: `avatar hue-${id % 8}${small ? ' small' : ''}` },
    el('span', { 'aria-hidden': 'true', text: letter }),
    online !== undefined && el('span', { class: online ? 'dot online' : 'dot' }, el('span', { class: 'unseen', text: online ? ' online, ' : ' offline, ' })))
}

/** A row of a list of people: who it is on the left, what can be done on the right. */
export function personRow(person, { online, notes = [], tools = [] }) {
  return el('li', { class: 'person-row' },
    avatar(person, { online }),
    el('div', { class: 'person-names' },
      el('div', {}, name(person.username, { class: 'person-name' }), notes.filter(Boolean).map(note => el('span', { class: 'tag', text: note }))),
      el('div', { class: 'person-more' }, person.full_name && [name(person.full_name), ' · '], `No. ${person.titan_number}`)),
    el('div', { class: 'person-tools' }, tools))
}

export async function writeTo({ house }, account) {
  const conversation = await attempt(() => house.ask('open_direct', { account }))
  if (!conversation) return
  house.entered(conversation)
  go(address.conversation(conversation.id))
}

/** The menu entries of everything that concerns just the two of us. */
export function between(frame, person) {
  const { store, house } = frame
  if (person.id === store.me.id) return []
  const relation = store.relations.get(person.id)?.relation
  const does = (command, done) => async () => {
    const relation = await attempt(() => house.ask(command, { account: person.id }), done)
    if (relation?.relation) store.relations.set(person.id, relation)
    else if (relation) store.relations.delete(person.id)
    store.changed('relations')
  }
  const block = async () => {
    const sure = await confirm({
      title: phrase`Block ${person.username}?`, action: 'Block', danger: true,
      text: 'While it stands, neither of you can write to the other in private or ask to be friends. Nobody tells them, but what they try is refused.',
    })
    if (!sure || !await attempt(() => house.ask('block', { account: person.id }))) return
    store.relations.set(person.id, { ...person, relation: 'blocked', since: Date.now() })
    store.changed('relations')
    notice(`${person.username} is blocked.`)
  }
  return [
    relation !== 'blocked' && { text: 'Write a direct message', icon: 'send', press: () => writeTo(frame, person.id) },
    relation === undefined && { text: 'Ask to be friends', icon: 'add', press: does('request_friend', `${person.username} was asked.`) },
    relation === 'requests' && { text: 'Be friends', icon: 'check', press: does('accept_friend', `You and ${person.username} are friends.`) },
    relation === 'requests' && { text: 'Decline', icon: 'close', press: does('decline_friend') },
    relation === 'requested' && { text: 'Take back the request', icon: 'close', press: does('remove_friend') },
    relation === 'friend' && { text: 'End the friendship', icon: 'remove', press: does('remove_friend'), danger: true },
    relation === 'blocked' ? { text: 'Unblock', icon: 'check', press: does('unblock', `${person.username} is no longer blocked.`) }
      : { text: 'Block', icon: 'shield', press: block, danger: true },
  ]
}
