// Keeping order in a room: what one may do with a member. The server decides, and tells with each member what it would let
// happen: that is what is offered.

import { FOREVER, GENERAL, may } from '../core/store.js'
import { shortTimeOf } from '../core/text.js'
import { button, el, fill, name, phrase } from './dom.js'
import { confirm, form, open } from './dialog.js'
import { attempt, complain } from './notices.js'

const REASON = { name: 'reason', label: 'Reason', maxlength: 500, hint: 'Kept in the audit log.' }

/** The menu entries for a member. */
export function moderation(frame, one, member) {
  const { store, house } = frame
  if (member.id === store.me.id) return []
  const target = { conversation: one.id, account: member.id }
  const does = async (command, fields, done) => {
    if (await attempt(() => house.ask(command, { ...target, ...fields }), done)) await house.loadMembers(one.id).catch(complain)
  }
  const gives = may(member, 'give_role')
  const muted = member.muted_until > Date.now()
  return [
    gives && member.room_role === 'member' && { text: 'Make a moderator', icon: 'shield', press: () => does('set_member_role', { role: 'moderator' }, `${member.username} is a moderator now.`) },
    gives && member.room_role === 'moderator' && { text: 'Make a plain member', icon: 'shield', press: () => does('set_member_role', { role: 'member' }, `${member.username} is a plain member now.`) },
    gives && member.room_role !== 'owner' && one.id !== GENERAL && { text: 'Make the owner', icon: 'shield', press: () => handOver(member, does) },
    may(member, 'mute') && (muted ? { text: 'Unmute', icon: 'voice', press: () => does('unmute', {}, `${member.username} may write again.`) }
      : { text: 'Mute', icon: 'voice', press: () => mute(frame, target, member) }),
    may(member, 'kick') && { text: 'Remove from the room', icon: 'out', press: () => withReason('kick', 'Remove', phrase`Remove ${member.username}?`, 'They may come back.'), danger: true },
    may(member, 'ban') && { text: 'Ban from the room', icon: 'remove', press: () => withReason('ban_member', 'Ban', phrase`Ban ${member.username}?`, 'They are removed and cannot come back until the ban is lifted.'), danger: true },
  ]

  function withReason(command, action, title, text) {
    return form({
      title, text, action, danger: true, fields: [REASON],
      async submit({ reason }) {
        await house.ask(command, { ...target, reason })
        await house.loadMembers(one.id).catch(() => {})
        return true
      },
    })
  }
}

async function handOver(member, does) {
  const sure = await confirm({ title: phrase`Make ${member.username} the owner?`, text: 'The owner until now becomes a moderator, and cannot take the room back.', action: 'Hand it over', danger: true })
  if (sure) await does('set_member_role', { role: 'owner' }, `${member.username} owns the room now.`)
}

function mute({ house }, target, member) {
  return form({
    title: phrase`Mute ${member.username}?`,
    text: 'They can go on reading, but not write in this room.',
    fields: [
      { name: 'seconds', label: 'For how long', type: 'select', options: [['600', 'Ten minutes'], ['3600', 'An hour'], ['86400', 'A day'], ['604800', 'A week'], ['', 'Until it is lifted']] },
      REASON,
    ],
    action: 'Mute',
    danger: true,
    async submit({ seconds, reason }) {
      await house.ask('mute', { ...target, reason, seconds: seconds ? Number(seconds) : undefined })
      await house.loadMembers(target.conversation).catch(() => {})
      return true
    },
  })
}

/** Who is muted or banned, and the way to lift it. */
export function showSanctions({ house }, one) {
  const list = el('ul', { class: 'plain-list', role: 'list' })
  const load = async () => {
    try {
      const { sanctions } = await house.ask('sanctions', { conversation: one.id })
      fill(list, sanctions.length === 0 ? el('li', { class: 'empty', text: 'Nobody is muted here or banned.' }) : sanctions.map(row))
    } catch (error) {
      fill(list, el('li', { class: 'empty', text: error.message }))
    }
  }
  const row = ({ account, kind, until, reason, by, at }) => {
    const ends = !until || until >= FOREVER ? '' : ` until ${shortTimeOf(until)}`
    const lift = async () => {
      const command = kind === 'mute' ? 'unmute' : 'unban_member'
      if (await attempt(() => house.ask(command, { conversation: one.id, account: account.id }))) await load()
      house.loadMembers(one.id).catch(() => {})
    }
    return el('li', { class: 'sanction' },
      el('div', {}, name(account.username, { class: 'person-name' }), el('span', { class: 'tag', text: (kind === 'mute' ? 'muted' : 'banned') + ends }),
        el('p', { class: 'muted' }, shortTimeOf(at), by && [' by ', name(by.username)], reason && [': ', el('span', { dir: 'auto', text: reason })])),
      button({ text: 'Lift', label: `Lift for ${account.username}`, press: lift }))
  }
  open({ title: 'Muted and banned', build: () => list })
  return load()
}
