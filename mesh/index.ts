/** The road: the only place that knows libp2p and Helia. */
export { admit, type Gate } from './channel/admit.ts'
export {
  type Answerer,
  type AnswerTo,
  Asker,
  type AskerGround,
  answerCalls,
} from './channel/call.ts'
export { Channel, type Hearer } from './channel/channel.ts'
export { type Clock, machineClock } from './channel/clock.ts'
export {
  type FollowerGround,
  follow,
  type Opener,
  type Reading,
  serveFollower,
} from './channel/follow.ts'
export { gathered } from './channel/gather.ts'
export type { Ground, Meter } from './channel/ground.ts'
export { pipeOf } from './channel/libp2p-pipe.ts'
export { type Faults, memoryPipes, type Weather } from './channel/memory-pipe.ts'
export { bounded } from './channel/muxer.ts'
export { networkOf } from './channel/network.ts'
export type { Ear, Pipe } from './channel/pipe.ts'
export { Pool } from './channel/pool.ts'
export { type QuotaBounds, Quotas } from './channel/quota.ts'
export { type Chance, Pauses, waited } from './channel/redial.ts'
export { type Direction, type Side, sides } from './channel/side.ts'
