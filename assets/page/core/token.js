// The session's token: for this tab only, or for this browser where its user asked for that. It travels in the socket's first
// request and in the Authorization header, never in an address.

import { forget, keep, recall } from './memory.js'

export const token = () => recall('token', false) ?? recall('token')
export const isLasting = () => recall('token') !== undefined

export function keepToken(value, lasting) {
  dropToken()
  keep('token', value, lasting)
}

export function dropToken() {
  forget('token', false)
  forget('token', true)
}

export const bearer = () => ({ Authorization: `Bearer ${token()}` })
