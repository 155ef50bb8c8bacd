import { expect, test } from 'vitest'
import { placesOf } from './config.ts'

test('things are where the system keeps such things', () => {
  expect(placesOf({}, '/ada')).toEqual({
    key: '/ada/.config/nexapod/key',
    mesh: '/ada/.config/nexapod/mesh',
    data: '/ada/.local/share/nexapod',
    jobs: '/ada/.local/state/nexapod/jobs',
  })
})

test('the XDG directories move them, unless they are not absolute', () => {
  const env = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: 'relative', XDG_STATE_HOME: '/s' }
  expect(placesOf(env, '/ada')).toEqual({
    key: '/c/nexapod/key',
    mesh: '/c/nexapod/mesh',
    data: '/ada/.local/share/nexapod',
    jobs: '/s/nexapod/jobs',
  })
})

test('NEXAPOD_HOME goes before all of them', () => {
  const env = { XDG_CONFIG_HOME: '/c', NEXAPOD_HOME: '/n' }
  expect(placesOf(env, '/ada')).toEqual({
    ...{ key: '/n/key', mesh: '/n/mesh', data: '/n', jobs: '/n/jobs' },
  })
})
