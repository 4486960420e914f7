// What is half written, for each conversation: the line, what it answers, and a change of an earlier message that is under way. Kept by
// the browser, so that neither another room nor a restart loses it, and forgotten when somebody logs out.
//
// A draft: { text, reply: { seq, username, said }, edit: { seq, at, was, text, file } }

import { forget, keep, keysOf, recall } from './memory.js'

const keyOf = (account, conversation) => `draft.${account}.${conversation}`

export function draftOf(account, conversation) {
  const kept = recall(keyOf(account, conversation))
  // Earlier pages kept only the line.
  return typeof kept === 'string' ? { text: kept } : { text: '', ...kept }
}

export function keepDraft(account, conversation, { text, reply, edit }) {
  keep(keyOf(account, conversation), text || reply || edit ? { text, reply, edit } : undefined)
}

/** Everything of an account that only its own person should find here. */
export function forgetAccount(account) {
  for (const kind of ['draft', 'outbox', 'upload']) {
    const beginning = `${kind}.${account}.`
    for (const key of keysOf(beginning)) forget(beginning + key)
  }
}
