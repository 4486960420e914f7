// The loaded part of one conversation's log: entries without a gap, from `first` to `last`. Pure: it asks for nothing and
// draws nothing.
//
// It is bounded. What is loaded at one end is dropped at the other, so that a room of a million messages costs what a
// small one costs.

/** Lines kept at most. */
export const LINES_MOST = 400

/** Kinds that change a message and show no line of their own. */
const CHANGES = { edit, deletion, reaction }

export class Segment {
  /** @param entries a page of `history`, in order; @param head the log's last seq */
  constructor(entries, head, after = 0) {
    this.lines = []
    this.bySeq = new Map()
    this.first = entries[0]?.seq ?? after + 1
    this.last = this.first - 1
    this.head = head
    for (const entry of entries) this.take(entry)
  }

  get reachesStart() { return this.first <= 1 }
  get reachesHead() { return this.last >= this.head }
  get(seq) { return this.bySeq.get(seq) }
  has(seq) { return seq >= this.first && seq <= this.last }

  /** An entry that happened just now. False where it doesn't follow what is loaded: then something is missing. */
  happen(entry) {
    const followed = this.reachesHead
    this.head = Math.max(this.head, entry.seq)
    if (entry.seq <= this.last) return true
    if (entry.seq !== this.last + 1) {
      // Not loaded, but what it changes may be.
      this.change(entry)
      return !followed
    }
    this.take(entry)
    return true
  }

  /** A page that goes on after `last`. */
  append(entries, head) {
    this.head = Math.max(this.head, head)
    for (const entry of entries) if (entry.seq === this.last + 1) this.take(entry)
  }

  /** A page that ends before `first`. Its messages come as they now stand, so changes in it are done already. */
  prepend(entries) {
    const fitting = entries.filter(entry => entry.seq < this.first)
    // What was its neighbour may have been forgotten while the page was on its way.
    if (fitting.at(-1)?.seq !== this.first - 1) return
    const lines = fitting.filter(entry => !CHANGES[entry.kind])
    for (const line of lines) this.bySeq.set(line.seq, fresh(line))
    this.lines.unshift(...lines.map(line => this.bySeq.get(line.seq)))
    this.first = fitting[0].seq
  }

  take(entry) {
    this.last = entry.seq
    if (this.change(entry)) return
    const line = fresh(entry)
    this.lines.push(line)
    this.bySeq.set(line.seq, line)
  }

  change(entry) {
    const change = CHANGES[entry.kind]
    const target = change && this.bySeq.get(entry.target)
    if (target?.kind === 'message' && change(target, entry)) target.revision++
    return Boolean(change)
  }

  /** Forgets what is farthest back, or what is latest. */
  trim(end) {
    const surplus = this.lines.length - LINES_MOST
    if (surplus <= 0) return
    const gone = end === 'start' ? this.lines.splice(0, surplus) : this.lines.splice(-surplus)
    for (const line of gone) this.bySeq.delete(line.seq)
    if (end === 'start') this.first = this.lines[0].seq
    else this.last = this.lines.at(-1).seq
  }
}

/** A line with a revision that counts its changes, so that only what changed is drawn again. */
const fresh = entry => ({ ...entry, reactions: (entry.reactions ?? []).map(copy), revision: 0 })
const copy = ({ emoji, accounts, count }) => ({ emoji, accounts: [...accounts], count })

function edit(message, { text, seq }) {
  if (message.deleted || (message.edited ?? 0) >= seq) return false
  Object.assign(message, { text, edited: seq })
  return true
}

function deletion(message) {
  if (message.deleted) return false
  Object.assign(message, { deleted: true, text: '', file: undefined, reactions: [] })
  return true
}

/** How many set a reaction, also where not all of them are named. */
export const numberOf = ({ accounts, count }) => count ?? accounts.length

function reaction(message, { emoji, on, author }) {
  const at = message.reactions.findIndex(one => one.emoji === emoji)
  const found = message.reactions[at] ?? { emoji, accounts: [] }
  // Where not all are named, one who isn't may take it back.
  const known = found.accounts.includes(author.id)
  if (message.deleted || (on ? known : !known && found.count === undefined)) return false
  if (on) found.accounts.push(author.id)
  else if (known) found.accounts.splice(found.accounts.indexOf(author.id), 1)
  if (found.count !== undefined) found.count += on ? 1 : -1
  if (at < 0) message.reactions.push(found)
  else if (numberOf(found) <= 0) message.reactions.splice(at, 1)
  return true
}
