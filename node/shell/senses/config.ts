/** What commands are run with: those that speak many languages say it in one. */
export function commandEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C' }
}

/**
 * Whether X11 knows of every key and every move. Under Wayland it knows of those alone that are
 * meant for its own windows, and would call a machine idle that is not.
 */
export function isOnX11(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY, XDG_SESSION_TYPE } = process.env
  return Boolean(DISPLAY) && !WAYLAND_DISPLAY && XDG_SESSION_TYPE !== 'wayland'
}
