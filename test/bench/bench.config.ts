import { pathBehind } from '../config.ts'

/** Processes that are begun from now on look for programs here first. */
export function lookOnPath(directory: string): Disposable {
  const { PATH = '' } = process.env
  process.env.PATH = pathBehind(directory)
  return {
    [Symbol.dispose]: () => {
      process.env.PATH = PATH
    },
  }
}
