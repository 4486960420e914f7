// What is inside: the house with all its screens. main.js asks for it once somebody has a session, or while they log in.

import { House } from './core/house.js'
import { Store } from './core/store.js'
import { askPassword } from './view/confirming.js'
import { showFrame } from './view/frame.js'

/** Shows it, and calls `left` with the reason once the session is over. */
export function enterHouse(root, left) {
  let leaveFrame
  const house = new House(new Store(), reason => {
    leaveFrame?.()
    for (const dialog of document.querySelectorAll('dialog')) dialog.remove()
    document.title = 'Titan'
    left(reason)
  }, askPassword)
  leaveFrame = showFrame(root, house)
}
