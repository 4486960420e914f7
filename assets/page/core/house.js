// Being in the house: one session over one link. Logs in, catches up after every break, applies what happens to the store,
// and does for the views whatever needs more than one request.
//
// Catching up: the server's own counts replace ours; of the timelines that are loaded, everything after their last entry is
// asked for by `resume`, so that nothing is missing and nothing comes twice.

import { draftOf, forgetAccount, keepDraft } from './drafts.js'
import { apply } from './events.js'
import { Link } from './link.js'
import { Outbox } from './outbox.js'
import { Segment } from './segment.js'
import { dropToken, token } from './token.js'
import { Transfers } from './transfers.js'

const PAGE = 60
/** A timeline that is farther behind is loaded anew when it is looked at: nobody scrolls through that. */
const BEHIND_MOST = 1_000
const TYPING_EVERY = 4_000

/** Lists that come in pages: what each is asked for by, and its name in the reply. */
const LISTS = { rooms: 'rooms', conversations: 'conversations', members: 'members', who: 'people', relations: 'relations', accounts: 'accounts', apps: 'apps', banned_addresses: 'addresses' }

/** The answer to a question; of a list, all of its pages as one. */
async function whole(ask, command, fields = {}) {
  const reply = await ask(command, fields)
  const list = reply[LISTS[command]]
  let more = list !== undefined && reply.more === true
  while (more && list.length > 0) {
    const page = await ask(command, { ...fields, after: list.at(-1).id ?? list.at(-1).address })
    const known = new Set(list.map(one => one.id ?? one.address))
    list.push(...page[LISTS[command]].filter(one => !known.has(one.id ?? one.address)))
    more = page.more === true && page[LISTS[command]].length > 0
  }
  return reply
}

export class House {
  /**
   * @param ended (reason) => …: the session is over, a new login is needed
   * @param askPassword async (confirm) => …: asks its person for the password, and a code where that is wanted, until `confirm({ password, code })` takes them;
   *   whether it did
   */
  constructor(store, ended, askPassword) {
    Object.assign(this, { store, ended, askPassword })
    this.loading = new Map()
    this.typedAt = new Map()
    /** Files that wait for their person to send them: conversation -> files */
    this.staged = new Map()
    this.transfers = new Transfers(store, transfer => this.giveBack(transfer))
    this.link = new Link({
      greet: ask => this.greet(ask),
      heard: event => apply(this, event),
      changed: state => this.turned(state),
      refused: fault => this.leave(fault.message),
    })
  }

  /** Where the server wants the password once more first, its person is asked for it, and the server then again. */
  async ask(command, fields) {
    const asked = () => whole((...asked) => this.link.ask(...asked), command, fields)
    try {
      return await asked()
    } catch (error) {
      const confirm = given => this.link.ask('confirm', given)
      if (error.code !== 'confirm_first' || !await this.askPassword(confirm)) throw error
      return asked()
    }
  }

  /** A room by its id, whether or not one is in it: rooms are listed by their ids. */
  async room(id) {
    const { rooms } = await this.link.ask('rooms', { after: id - 1, limit: 1 })
    return rooms.find(one => one.id === id)
  }

  turned(state) {
    // The link's first word comes before it is ours to ask.
    Object.assign(this.store, { link: state, retryAt: this.link?.retryAt })
    this.store.changed('link', 'people')
    if (state === 'online') this.outbox.flush()
  }

  async greet(asked) {
    const { store } = this
    const ask = (command, fields) => whole(asked, command, fields)
    const entered = await ask('authenticate', { token: token() })
    Object.assign(store, { me: entered.account, session: entered.session })
    if (this.epoch && entered.epoch && entered.epoch !== this.epoch) this.rewind([...store.segments.keys()])
    this.epoch = entered.epoch ?? this.epoch
    this.outbox ??= new Outbox(store, entered.account.id, (command, fields) => this.ask(command, fields))
    const [{ people }, { conversations }, relations] =
      await Promise.all([ask('who', { watch: true }), ask('conversations'), ask('relations').catch(() => ({ relations: [] }))])
    for (const person of store.people.values()) person.online = false
    store.meet(entered.account, ...people)
    this.takeRelations(relations.relations)
    this.takeConversations(conversations)
    await this.resume(ask)
    store.members.clear()
    store.changed('me', 'conversations', 'relations', 'apps', 'rooms', ...[...store.conversations.keys()].map(id => `members:${id}`))
  }

  takeRelations(relations) {
    this.store.relations = new Map(relations.map(relation => [relation.id, relation]))
    this.store.meet(...relations.map(({ relation, since, ...person }) => person))
  }

  takeConversations(conversations) {
    const before = this.store.conversations
    this.store.conversations = new Map(conversations.map(one => [one.id, one]))
    for (const one of before.values()) if (!this.store.conversations.has(one.id)) this.lost(one, 'You are no longer in it.')
    this.store.meet(...conversations.filter(one => one.direct).map(one => one.direct))
    for (const id of this.store.segments.keys()) if (!this.store.conversations.has(id)) this.store.segments.delete(id)
  }

  async resume(ask) {
    const { segments } = this.store
    for (const [id, segment] of segments) {
      const { head } = this.store.conversations.get(id)
      if (!segment.reachesHead || head - segment.last > BEHIND_MOST || head < segment.last) this.rewind([id])
    }
    const after = [...segments].map(([conversation, segment]) => ({ conversation, seq: segment.last }))
    if (after.length > 0) await ask('resume', { after })
  }

  /** What is loaded of these logs may never have been said (the server was restored from a backup), or is too far back. */
  rewind(conversations) {
    const { segments, quotes } = this.store
    for (const id of conversations) {
      segments.delete(id)
      for (const key of quotes.keys()) if (key.startsWith(`${id}/`)) quotes.delete(key)
      this.store.changed(`timeline:${id}`)
    }
  }

  // --- timelines

  /** The end of a conversation's log, or the part around `seq`. */
  load(conversation, around) {
    return this.once(`load:${conversation}:${around ?? ''}`, async () => {
      const before = around && around + Math.ceil(PAGE / 2)
      const held = []
      this.loading.set(conversation, held)
      try {
        const { entries, head } = await this.ask('history', { conversation, before, limit: PAGE })
        const segment = new Segment(entries, head)
        // What happened while the page was on its way.
        for (const entry of held) segment.happen(entry)
        this.store.segments.set(conversation, segment)
      } finally {
        this.loading.delete(conversation)
      }
      this.store.changed(`timeline:${conversation}`)
      await this.fill(conversation)
    })
  }

  /** A page of nothing but reactions shows nothing: goes on until there is something to see. */
  async fill(conversation) {
    const enough = segment => !segment || segment.lines.length >= PAGE / 2 || segment.reachesStart
    for (let pages = 0; pages < 8 && !enough(this.store.segments.get(conversation)); pages++) await this.loadEarlier(conversation)
  }

  loadEarlier(conversation) {
    return this.once(`earlier:${conversation}`, async () => {
      const segment = this.store.segments.get(conversation)
      if (!segment || segment.reachesStart) return
      const { entries } = await this.ask('history', { conversation, before: segment.first, limit: PAGE })
      segment.prepend(entries)
      segment.trim('end')
      this.store.changed(`timeline:${conversation}`)
    })
  }

  loadLater(conversation) {
    return this.once(`later:${conversation}`, async () => {
      const segment = this.store.segments.get(conversation)
      if (!segment || segment.reachesHead) return
      const { entries, head } = await this.ask('history', { conversation, after: segment.last, limit: PAGE })
      segment.append(entries, head)
      segment.trim('start')
      this.store.changed(`timeline:${conversation}`)
    })
  }

  /** Asking twice for the same while the first is under way would only load it twice. */
  once(what, work) {
    this.underWay ??= new Map()
    const known = this.underWay.get(what)
    if (known) return known
    const promise = work().finally(() => this.underWay.delete(what))
    this.underWay.set(what, promise)
    return promise
  }

  async loadMembers(conversation) {
    const { members } = await this.once(`members:${conversation}`, () => this.ask('members', { conversation }))
    this.store.members.set(conversation, members)
    this.store.meet(...members.map(({ room_role, joined_at, muted_until, may, ...person }) => person))
    this.store.changed(`members:${conversation}`)
  }

  /** Counts anew, where only the server can. */
  async recount() {
    const { conversations } = await this.once('conversations', () => this.ask('conversations'))
    this.takeConversations(conversations)
    this.store.changed('conversations')
  }

  markRead(conversation) {
    const one = this.store.conversations.get(conversation)
    if (!one || one.read >= one.head || this.store.link !== 'online') return
    Object.assign(one, { read: one.head, unread: 0, mentions: 0 })
    this.store.changed('conversations')
    this.ask('mark_read', { conversation, seq: one.head }).catch(() => {})
  }

  typing(conversation) {
    if (Date.now() - (this.typedAt.get(conversation) ?? 0) < TYPING_EVERY) return
    this.typedAt.set(conversation, Date.now())
    this.ask('typing', { conversation }).catch(() => {})
  }

  stagedFor(conversation) {
    if (!this.staged.has(conversation)) this.staged.set(conversation, [])
    return this.staged.get(conversation)
  }

  /** The caption of a file that did not go is a line again, unless another one is half written there. */
  giveBack({ conversation, text }) {
    const draft = draftOf(this.store.me.id, conversation)
    if (!text || draft.text) return
    keepDraft(this.store.me.id, conversation, { ...draft, text })
    this.store.changed(`draft:${conversation}`)
  }

  // --- going in and out

  /** A conversation from a reply: joined, made or opened. */
  entered(conversation) {
    this.store.conversations.set(conversation.id, conversation)
    this.store.changed('conversations', 'rooms', `timeline:${conversation.id}`)
    return conversation
  }

  /** Not by my doing here: whoever looks at it has to be told. */
  lost(conversation, reason) {
    this.store.removed.push({ id: conversation.id, name: this.store.name(conversation), reason })
    this.forgetConversation(conversation.id)
    this.store.changed('removed')
  }

  forgetConversation(id) {
    this.store.conversations.delete(id)
    this.store.segments.delete(id)
    this.store.members.delete(id)
    this.store.changed('conversations', 'rooms', `timeline:${id}`)
  }

  /** By its own person: then nothing of theirs stays behind. A session that ended by itself keeps what is not sent yet. */
  async logout() {
    await this.ask('logout').catch(() => {})
    this.gone()
  }

  gone(reason) {
    this.leave(reason)
    forgetAccount(this.store.me.id)
  }

  leave(reason) {
    if (this.left) return
    this.left = true
    this.link.close()
    this.transfers.stop()
    dropToken()
    this.ended(reason)
  }
}
