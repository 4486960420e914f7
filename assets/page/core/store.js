// What the page knows: plain values, and who wants to hear when they change. Views read it and subscribe to topics; only
// core/ writes to it.
//
// Topics: me, link, conversations, timeline:<id>, members:<id>, typing:<id>, people, rooms, relations, apps, pending,
// transfers, attention.

import { fold } from './mention.js'

/** The room that everybody is in from the start: it is not left, changed or deleted, and nobody is removed from it. */
export const GENERAL = 1

/** A mute without an end. */
export const FOREVER = 253_402_300_799_000

/** Whether we may do that in a conversation or to a member, as the server told. Where it tells nothing it is offered, and left to it to refuse. */
export const may = (thing, right) => !thing?.may || thing.may.includes(right)

export class Store {
  constructor() {
    this.me = undefined
    this.session = undefined
    /** 'connecting', 'online', 'waiting', 'closed' */
    this.link = 'connecting'
    this.retryAt = 0
    this.conversations = new Map()
    this.segments = new Map()
    this.members = new Map()
    /** conversation -> account -> { username, until } */
    this.typing = new Map()
    /** Everybody that was heard of: account -> person */
    this.people = new Map()
    /** What they are called, folded -> account */
    this.names = new Map()
    this.relations = new Map()
    /** The conversation that is open, and where its line of new messages stands. */
    this.open = undefined
    this.newAfter = undefined
    /** Whether its end is out of sight: then what is read is not dropped for what arrives. */
    this.readsBack = false
    /** Messages of others that nobody has been told of yet; drained by view/attention.js. */
    this.heard = []
    /** Conversations that are gone and nobody has been told of yet; drained by view/frame.js. */
    this.removed = []
    /** Messages that are replied to and lie outside of what is loaded: 'conversation/seq' -> line */
    this.quotes = new Map()
    this.listeners = new Map()
    this.stirred = new Set()
  }

  /** Calls `listener` soon after the topic changed, however often it did. Gives back how to stop that. */
  on(topic, listener) {
    const all = this.listeners.get(topic) ?? new Set()
    this.listeners.set(topic, all.add(listener))
    return () => {
      all.delete(listener)
      if (all.size === 0 && this.listeners.get(topic) === all) this.listeners.delete(topic)
    }
  }

  changed(...topics) {
    const idle = this.stirred.size === 0
    for (const topic of topics) this.stirred.add(topic)
    if (!idle) return
    // A hidden page paints no frames, but its title still counts what is unread.
    if (document.hidden) setTimeout(() => this.tell(), 50)
    else requestAnimationFrame(() => this.tell())
  }

  tell() {
    const topics = [...this.stirred]
    this.stirred.clear()
    const listeners = new Set(topics.flatMap(topic => [...(this.listeners.get(topic) ?? [])]))
    for (const listener of listeners) listener()
  }

  conversation(id) { return this.conversations.get(id) }
  get isAdmin() { return this.me?.role === 'admin' }

  name(conversation) {
    return conversation.room?.name ?? conversation.direct?.username ?? 'A newer kind of conversation'
  }

  /** Somebody as last heard of; what is known already stays where nothing newer is told. */
  meet(...people) {
    for (const person of people) {
      const before = this.people.get(person.id)
      if (before && before.username !== person.username) this.names.delete(fold(before.username))
      this.people.set(person.id, { ...before, ...person })
      this.names.set(fold(person.username), person.id)
    }
    this.changed('people')
  }

  forget(account) {
    const person = this.people.get(account)
    if (person) this.names.delete(fold(person.username))
    this.people.delete(account)
  }

  /** Whether anybody that was heard of is called that. */
  knows(name) { return this.names.has(fold(name)) }
  named(name) { return this.people.get(this.names.get(fold(name))) }

  /** Who is here is not known while we are not. */
  isBlocked(id) { return this.relations.get(id)?.relation === 'blocked' }

  isOnline(account) { return this.link === 'online' && Boolean(this.people.get(account)?.online) }

  /** Rooms: general first, then by name. */
  rooms() {
    const rooms = [...this.conversations.values()].filter(one => one.room)
    return rooms.sort((a, b) => (b.id === GENERAL) - (a.id === GENERAL) || byName(a.room.name, b.room.name))
  }

  /** Directs: the most recently active first. */
  directs() {
    const directs = [...this.conversations.values()].filter(one => one.direct)
    return directs.sort((a, b) => (b.active_at ?? 0) - (a.active_at ?? 0) || b.id - a.id)
  }

  unread() {
    let unread = 0, mentions = 0
    for (const one of this.conversations.values()) {
      unread += one.unread
      mentions += one.direct ? one.unread : one.mentions
    }
    return { unread, mentions }
  }
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })
export const byName = (a, b) => collator.compare(a, b)
