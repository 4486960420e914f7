// What happens in the house, applied to the store: one function an event. Unknown ones are from newer servers, and are passed
// over.

import { GENERAL } from './store.js'
import { mentions } from './markup.js'
import { fold } from './mention.js'

const TYPING_SHOWN = 6_000

export function apply(house, event) {
  happenings[event.event]?.(house, event)
}

const happenings = {
  entry,
  typing,
  presence({ store }, { person }) {
    store.meet(person)
    for (const [id, members] of store.members) {
      const member = members.find(one => one.id === person.id)
      if (member && isOther(member, person)) {
        Object.assign(member, person)
        store.changed(`members:${id}`)
      }
    }
    for (const one of store.conversations.values()) if (one.direct?.id === person.id) Object.assign(one.direct, person)
  },
  read_mark(house, { conversation, seq }) {
    const one = house.store.conversation(conversation)
    if (!one || one.read >= seq) return
    one.read = seq
    if (seq >= one.head) Object.assign(one, { unread: 0, mentions: 0 })
    else house.recount().catch(() => {})
    house.store.changed('conversations')
  },
  conversation_added(house, { conversation }) {
    house.entered(conversation)
    if (conversation.direct) house.store.meet(conversation.direct)
  },
  conversation_removed(house, { conversation, reason }) {
    const known = house.store.conversation(conversation)
    if (known) house.lost(known, reason)
  },
  room_created: ({ store }) => store.changed('rooms'),
  room_removed: ({ store }) => store.changed('rooms'),
  account_registered({ store }, { account }) {
    store.meet(account)
    // Everybody is in there from the start, without an entry that says so.
    const general = store.conversation(GENERAL)
    if (!general) return
    general.room.members++
    addMember(store, GENERAL, account, account.created_at)
    store.changed('conversations')
  },
  account_removed({ store }, { account }) {
    store.forget(account)
    store.relations.delete(account)
    for (const id of store.members.keys()) dropMember(store, id, account)
    store.changed('people', 'relations')
  },
  account_changed(house, { account }) {
    const { store } = house
    const before = store.me?.role
    store.me = account
    store.meet(account)
    store.changed('me')
    if (before === account.role) return
    // Admins may more, everywhere.
    house.recount().catch(() => {})
    for (const id of store.members.keys()) house.loadMembers(id).catch(() => {})
  },
  member_changed(house, { conversation, account, role, muted_until }) {
    const { store } = house
    const members = store.members.get(conversation)
    const mine = account === store.me.id
    for (const member of members ?? []) {
      if (member.id === account) Object.assign(member, { room_role: role, muted_until })
      if (member.id === account || mine) member.may = undefined
    }
    const one = store.conversation(conversation)
    if (one && mine) Object.assign(one, { room_role: role, muted_until, may: undefined })
    // What we may do has changed with it.
    if (mine) house.recount().catch(() => {})
    if (members) house.loadMembers(conversation).catch(() => {})
    store.changed(`members:${conversation}`, 'conversations', `timeline:${conversation}`)
  },
  relation_changed({ store }, { relation }) {
    store.relations.set(relation.id, relation)
    store.changed('relations')
  },
  relation_ended({ store }, { account }) {
    store.relations.delete(account)
    store.changed('relations')
  },
  app_changed: ({ store }) => store.changed('apps'),
  app_removed: ({ store }) => store.changed('apps'),
}

/** Whether more is new about them than that they came or went. */
const isOther = (before, now) => ['username', 'full_name', 'role', 'blog_url'].some(field => before[field] !== now[field])

function entry(house, { entry }) {
  const { store } = house
  const one = store.conversation(entry.conversation)
  if (!one) return
  if (entry.client_id && entry.author.id === store.me.id) house.outbox.arrived(entry.client_id)
  place(house, entry)
  if (entry.seq <= one.head) return
  Object.assign(one, { head: entry.seq, active_at: entry.at })
  store.typing.get(one.id)?.delete(entry.author.id)
  if (entry.kind === 'message') count(house, one, entry)
  else around(house, one, entry)
  store.changed('conversations', `typing:${one.id}`)
}

/** Puts an entry where it belongs in what is loaded. */
function place(house, entry) {
  const { store, loading } = house
  loading.get(entry.conversation)?.push(entry)
  const segment = store.segments.get(entry.conversation)
  if (!segment) return
  if (!segment.happen(entry)) house.loadLater(entry.conversation).catch(() => {})
  if (segment.reachesHead && !store.readsBack) segment.trim('start')
  store.changed(`timeline:${entry.conversation}`)
}

function count({ store }, one, entry) {
  if (entry.author.id === store.me.id) return
  one.unread++
  const me = fold(store.me.username)
  // What somebody blocked says is folded: nobody is called by it, and nothing says it aloud.
  if (store.isBlocked(entry.author.id)) return
  const named = mentions(entry.text, name => store.knows(name)).some(name => fold(name) === me)
  if (named) one.mentions++
  store.heard.push({ entry, conversation: one, named })
  store.changed('attention')
}

/** Somebody came or went, or the room is another now. */
function around({ store }, one, entry) {
  if (entry.kind === 'room_changed' && one.room) {
    for (const field of ['name', 'description', 'locked']) if (entry[field] !== undefined) one.room[field] = entry[field]
    store.changed('rooms', `timeline:${one.id}`)
  }
  if (entry.kind === 'left') dropMember(store, one.id, entry.author.id)
  if (entry.kind === 'joined') addMember(store, one.id, entry.author, entry.at)
  if (one.room && entry.kind === 'joined') one.room.members++
  if (one.room && entry.kind === 'left') one.room.members--
  store.changed(`members:${one.id}`)
}

/** Somebody came: known well enough to be shown, without asking for all members anew. */
function addMember(store, conversation, account, joined_at) {
  const members = store.members.get(conversation)
  if (!members || members.some(member => member.id === account.id)) return
  const person = store.people.get(account.id) ?? { role: 'user', online: false, ...account }
  store.members.set(conversation, [...members, { ...person, room_role: 'member', joined_at }])
  store.changed(`members:${conversation}`)
}

function dropMember(store, conversation, account) {
  const members = store.members.get(conversation)
  if (!members) return
  store.members.set(conversation, members.filter(member => member.id !== account))
  store.changed(`members:${conversation}`)
}

function typing({ store }, { conversation, author }) {
  if (author.id === store.me.id || store.isBlocked(author.id)) return
  const all = store.typing.get(conversation) ?? new Map()
  store.typing.set(conversation, all.set(author.id, { username: author.username, until: Date.now() + TYPING_SHOWN }))
  store.changed(`typing:${conversation}`)
  setTimeout(() => store.changed(`typing:${conversation}`), TYPING_SHOWN + 50)
}
