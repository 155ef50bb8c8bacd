import { expect, test } from 'vitest'
import { placesOf, rootsOf } from './config.ts'

test('things are where the system keeps such things', () => {
  expect(placesOf({}, '/ada')).toEqual({
    key: '/ada/.config/nexapod/key',
    mesh: '/ada/.config/nexapod/mesh',
    data: '/ada/.local/share/nexapod',
    jobs: '/ada/.local/state/nexapod/jobs',
    moves: '/ada/.local/state/nexapod/moves',
  })
})

test('the XDG directories move them, unless they are not absolute', () => {
  const env = { XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: 'relative', XDG_STATE_HOME: '/s' }
  expect(placesOf(env, '/ada')).toEqual({
    key: '/c/nexapod/key',
    mesh: '/c/nexapod/mesh',
    data: '/ada/.local/share/nexapod',
    jobs: '/s/nexapod/jobs',
    moves: '/s/nexapod/moves',
  })
})

test('NEXAPOD_HOME goes before all of them', () => {
  const env = { XDG_CONFIG_HOME: '/c', NEXAPOD_HOME: '/n' }
  expect(placesOf(env, '/ada')).toEqual({
    ...{ key: '/n/key', mesh: '/n/mesh', data: '/n', jobs: '/n/jobs', moves: '/n/moves' },
  })
})

test('what says where they are is known', () => {
  const { config, data } = rootsOf({ XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: 'relative' }, '/ada')
  expect(config).toEqual({ path: '/c/nexapod', by: 'XDG_CONFIG_HOME' })
  expect(data).toEqual({ path: '/ada/.local/share/nexapod' })
  const own = rootsOf({ NEXAPOD_HOME: '/n', XDG_DATA_HOME: '/d' }, '/ada')
  for (const root of Object.values(own)) expect(root).toEqual({ path: '/n', by: 'NEXAPOD_HOME' })
})
