import {
  type AnswerMessage,
  answer,
  type FromCoordinator,
  type FromFollower,
  type FromNode,
  fromCoordinator,
  fromFollower,
  fromNode,
  protocols,
  type Question,
  question,
  type Refusal,
  type Schema,
  type ToFollower,
  toFollower,
} from '@nexapod/specs'

/** What one side sends: messages, each alone or several in a frame. */
export interface Direction<T> {
  readonly message: Schema<T>
  /** The list that travels, where messages travel in lists. */
  readonly frame?: Schema<readonly T[]>
  /** The message that says no, on the side that has one. */
  readonly no?: (refusal: Refusal) => T
}

/** How one of the two ends of a stream talks. */
export interface Side<Out, In> {
  readonly out: Direction<Out>
  readonly in: Direction<In>
  /** Until the first message of the other side; as long as it likes, if this is left out. */
  readonly firstMs?: number
  /** Between two messages of the other side. */
  readonly betweenMs?: number
  /** How long the other side may leave what is sent to it unread, or unended. */
  readonly stallMs: number
}

const { work, call, follow } = protocols

const ofNode: Direction<FromNode> = { message: fromNode, frame: work.out }
const ofCoordinator: Direction<FromCoordinator> = {
  message: fromCoordinator,
  frame: work.back,
  no: (refusal) => ({ type: 'refuse', refusal }),
}
const ofAsker: Direction<Question> = { message: question }
const ofAnswerer: Direction<AnswerMessage> = {
  message: answer,
  no: (refusal) => ({ type: 'refuse', refusal }),
}
const ofFollower: Direction<FromFollower> = { message: fromFollower }
const toFollowers: Direction<ToFollower> = {
  message: toFollower,
  frame: follow.back,
  no: (refusal) => ({ type: 'refuse', refusal }),
}

/** Both sides of every protocol: who opens a stream is `opens`, who is dialled is `serves`. */
export const sides = {
  work: sidesOf(work, ofNode, ofCoordinator),
  follow: sidesOf(follow, ofFollower, toFollowers),
  call: {
    // Silence is no fault of who is asked nothing: the call itself says when an answer is due.
    opens: { out: ofAsker, in: ofAnswerer, stallMs: call.idleMs },
    serves: sidesOf(call, ofAsker, ofAnswerer).serves,
  },
} as const

function sidesOf<Out, Back>(
  protocol: { readonly helloMs: number; readonly idleMs: number },
  out: Direction<Out>,
  back: Direction<Back>,
): { readonly opens: Side<Out, Back>; readonly serves: Side<Back, Out> } {
  const { helloMs, idleMs } = protocol
  const times = { betweenMs: idleMs, stallMs: idleMs }
  return {
    opens: { out, in: back, firstMs: idleMs, ...times },
    serves: { out: back, in: out, firstMs: helloMs, ...times },
  }
}
