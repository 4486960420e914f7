// The password once more, before what an account could be taken over by; and a code of the second factor, where there is one.

import { CODE, form } from './dialog.js'

/** Asks until `confirm({ password, code })` takes it; whether that came to be. */
export const askPassword = confirm => form({
  title: 'Your password once more',
  text: 'So that nobody else does this in your name. For ten minutes you are not asked again.',
  fields: [{ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password' }],
  action: 'Go on',
  async submit({ password }) {
    try {
      await confirm({ password })
      return true
    } catch (error) {
      if (error.code !== 'second_factor_required') throw error
      return askCode(code => confirm({ password, code }))
    }
  },
})

const askCode = confirm => form({
  title: 'Your second factor',
  fields: [CODE],
  action: 'Go on',
  async submit({ code }) {
    await confirm(code)
    return true
  },
})
