// Puts the page together: either the entrance or the house, by whether there is a session.

import { House } from './core/house.js'
import { Store } from './core/store.js'
import { keepToken, token } from './core/token.js'
import { startNotices } from './view/notices.js'
import { showEntrance } from './view/entrance.js'
import { showFrame } from './view/frame.js'

const root = document.getElementById('app')

function enter() {
  const store = new Store()
  let leaveFrame
  const house = new House(store, reason => {
    leaveFrame?.()
    for (const dialog of document.querySelectorAll('dialog')) dialog.remove()
    document.title = 'Titan'
    welcome(reason)
  })
  leaveFrame = showFrame(root, house)
}

function welcome(reason) {
  showEntrance(root, {
    reason,
    enter(loggedIn, lasting) {
      keepToken(loggedIn.token, lasting)
      enter()
    },
  })
}

startNotices()
if (token()) enter()
else welcome()
