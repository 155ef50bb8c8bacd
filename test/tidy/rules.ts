import {
  envInConfig,
  everyTestRuns,
  namedExports,
  noConsole,
  noEmptyCatch,
  noEscape,
  noExit,
  noLooseEnds,
  noOwnMocks,
} from './bans.ts'
import { declared, pinned, reasoned, used } from './dependencies.ts'
import { noCircles, wholeNames } from './graph.ts'
import { oneHome, oneVerify } from './homes.ts'
import { fileNames } from './names.ts'
import { noPlaces } from './places.ts'
import { coreIsPure } from './purity.ts'
import { browserHalf, faceOnly, roomSees, shellSeesCore } from './rooms.ts'
import { exportSentence } from './sentences.ts'
import { fileLength, functionLength, lineLength } from './size.ts'
import type { Rule } from './source.ts'
import { oneWord } from './words.ts'

/** Every rule that the tree is held to, in the order of STYLE.md. */
export const RULES: readonly Rule[] = [
  oneWord,
  roomSees,
  faceOnly,
  shellSeesCore,
  browserHalf,
  noCircles,
  coreIsPure,
  oneHome,
  oneVerify,
  noExit,
  envInConfig,
  noConsole,
  noEmptyCatch,
  noEscape,
  namedExports,
  wholeNames,
  fileNames,
  fileLength,
  functionLength,
  lineLength,
  exportSentence,
  everyTestRuns,
  noOwnMocks,
  noLooseEnds,
  declared,
  used,
  pinned,
  reasoned,
  noPlaces,
]
