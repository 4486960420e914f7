// An address somebody was given, of a room they are not in: it asks whether to come in, or says that it leads nowhere.

import { told } from '../core/fault.js'
import { count } from '../core/text.js'
import { confirm } from './dialog.js'
import { phrase } from './dom.js'
import { notice } from './notices.js'
import { joinRoom } from './rooms.js'

export async function knock(frame, { id, seq }) {
  try {
    const room = await frame.house.room(id)
    if (!room) return notice('The address leads to a conversation that is not there, or not yours.', { kind: 'error' })
    const text = [room.description, `${count(room.members, 'member')}.`].filter(Boolean).join(' · ')
    if (await confirm({ title: phrase`Join ${room.name}?`, text, action: 'Join' })) await joinRoom(frame, room, seq)
  } catch (error) {
    notice(told(error), { kind: 'error' })
  }
}
