// Somebody's card: who they are, and what one can do with them. Opens wherever they are shown.

import { shortTimeOf } from '../core/text.js'
import { el, fill, name } from './dom.js'
import { openMenu } from './menu.js'
import { avatar, between } from './person.js'
import { address, go } from './route.js'

/** @param more what else can be done with them there */
export function openPerson(anchor, frame, person, more = []) {
  const { store, house } = frame
  const head = el('div', { class: 'person-card' })
  const draw = () => fill(head, faceOf(store.people.get(person.id) ?? person, store))
  draw()
  const mine = person.id === store.me.id && { text: 'My account', icon: 'gear', press: () => go(address.screen('account')) }
  const menu = openMenu(anchor, [mine, ...between(frame, person), ...more], { label: `Actions for ${person.username}`, head })
  // As they are now: what is known may be as old as the message it stands beside.
  house.ask('find_account', { account: person.id }).then(found => {
    store.meet(found)
    if (menu.isConnected) draw()
  }).catch(() => {})
}

function faceOf(person, store) {
  const online = store.isOnline(person.id)
  const notes = [person.role === 'admin' && 'admin', online ? 'online' : store.link === 'online' && 'offline'].filter(Boolean)
  return [
    avatar(person, { online }),
    el('div', { class: 'person-names' },
      el('div', {}, name(person.username, { class: 'person-name' }), notes.map(note => el('span', { class: 'tag', text: note }))),
      el('p', { class: 'person-more' }, person.full_name && [name(person.full_name), ' · '], person.titan_number && `No. ${person.titan_number}`),
      person.blog_url && el('p', { class: 'person-more' }, el('a', { href: person.blog_url, target: '_blank', rel: 'noopener noreferrer nofollow', text: person.blog_url })),
      person.created_at && el('p', { class: 'person-more', text: `here since ${shortTimeOf(person.created_at)}` })),
  ]
}
