import {
  encode,
  type FromCoordinator,
  type FromNode,
  fromNode,
  type JobId,
  toHex,
} from '../../specs/index.ts'

/** Messages of one round that goes one way, and their length. */
export const perRound = 4096
export const messageBytes = 1024

const execution = {
  job: toHex(new Uint8Array(32).fill(7)) as JobId,
  unit: 1,
  slot: 0,
  epoch: 0,
  fence: 99,
}

/** A question and its answer as work has them: what is cancelled, and what is renewed. */
export const cancel: FromCoordinator = { type: 'cancel', executions: [execution] }
export const renewal: FromNode = { type: 'renew', executions: [execution] }
export const renewalBytes = encode(fromNode, renewal).length
