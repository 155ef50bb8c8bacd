import { accept } from '@nexapod/specs'
import { done } from '../done.ts'
import { nothing, type Route, writes } from '../route.ts'
import { shapes } from '../shapes.ts'

/** What keys ask for, each signed. */
export const requestRoutes: readonly Route[] = [
  writes({
    ...{ path: '/api/v1/requests', tag: 'requests', status: 200 },
    about: 'Carries out a signed request: cancel, depart, bond or name. Its counter is used once.',
    ...{ params: nothing, body: shapes.SignedRequest, gives: shapes.Done },
    async act(ground, { body, signal }) {
      const answer = await done(ground, { type: 'act', request: body }, signal)
      return answer.ok ? accept({ value: answer.value }) : answer
    },
  }),
  writes({
    ...{ path: '/api/v1/delegations', tag: 'requests', status: 201 },
    about: 'Takes in a delegation, signed by owner and node.',
    ...{ params: nothing, body: shapes.SignedDelegation, gives: shapes.Done },
    async act(ground, { body, signal }) {
      const answer = await done(ground, { type: 'delegate', delegation: body }, signal)
      return answer.ok ? accept({ value: answer.value }) : answer
    },
  }),
  writes({
    ...{ path: '/api/v1/revocations', tag: 'requests', status: 201 },
    about: 'Takes in a revocation, signed by the owner or the node.',
    ...{ params: nothing, body: shapes.SignedRevocation, gives: shapes.Done },
    async act(ground, { body, signal }) {
      const answer = await done(ground, { type: 'revoke', revocation: body }, signal)
      return answer.ok ? accept({ value: answer.value }) : answer
    },
  }),
  writes({
    ...{ path: '/api/v1/orders', tag: 'requests', status: 200 },
    about: 'Hands an order of an owner to a node of theirs that is here; the node may not obey.',
    ...{ params: nothing, body: shapes.SignedOrder, gives: shapes.Done },
    async act(ground, { body, signal }) {
      const answer = await done(ground, { type: 'order', order: body }, signal)
      return answer.ok ? accept({ value: answer.value }) : answer
    },
  }),
  writes({
    ...{ path: '/api/v1/claims', tag: 'requests', status: 201 },
    about: 'Lets credit arrive that left another chain, with the proof that it did.',
    ...{ params: nothing, body: shapes.Claim, gives: shapes.Done },
    async act(ground, { body, signal }) {
      const answer = await done(ground, { type: 'claim', ...body }, signal)
      return answer.ok ? accept({ value: answer.value }) : answer
    },
  }),
]
