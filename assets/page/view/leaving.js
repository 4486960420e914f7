// Logging out: it forgets what is not sent, so that is asked first.

import { count } from '../core/text.js'
import { confirm } from './dialog.js'

export async function logOut(house) {
  const kept = house.outbox?.items.size ?? 0
  const files = house.transfers.isSending
  const what = [kept > 0 && `${count(kept, 'message')} not sent yet`, files && 'files on their way'].filter(Boolean).join(' and ')
  const sure = !what || await confirm({ title: 'Log out now?', text: `There are ${what}. Logging out forgets them.`, action: 'Log out', danger: true })
  if (sure) await house.logout()
}
