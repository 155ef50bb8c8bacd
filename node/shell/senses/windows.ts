import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { limits } from '@nexapod/specs'
import { commandEnvironment } from './config.ts'
import type { Way } from './sense.ts'

/** Says once a second for how many milliseconds there was no input, until nobody hears it. */
const script = `
$ErrorActionPreference = 'Stop'
Add-Type -TypeDefinition @'
using System;
using System.Runtime.InteropServices;
public static class Input {
  struct Info { public uint size; public uint time; }
  [DllImport("user32.dll")] static extern bool GetLastInputInfo(ref Info info);
  public static uint Idle() {
    Info info = new Info();
    info.size = (uint)Marshal.SizeOf(info);
    if (!GetLastInputInfo(ref info)) throw new Exception("unknown");
    return unchecked((uint)Environment.TickCount - info.time);
  }
}
'@
while ($true) {
  [Console]::Out.WriteLine([Input]::Idle())
  Start-Sleep -Milliseconds ${limits.returnMs}
}
`

/**
 * How long ago the last input was, as Windows knows it of the session that this process is in. A
 * shell takes longer to start than a look may take, so that one stays and says it again and again.
 */
export function windows(): Way<number> {
  let shell: ChildProcess | undefined
  let heard: { readonly ms: number; readonly at: number } | undefined
  const begin = () => {
    const begun = spawn('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], {
      env: commandEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    })
    const gone = () => {
      if (shell === begun) shell = undefined
    }
    begun.on('error', gone).on('exit', gone)
    createInterface({ input: begun.stdout }).on('line', (line) => {
      if (/^\d+\s*$/.test(line)) heard = { ms: Number(line), at: performance.now() }
    })
    return begun
  }
  return {
    async look() {
      shell ??= begin()
      const isFresh = heard !== undefined && performance.now() - heard.at < 2 * limits.senseMs
      return isFresh ? heard?.ms : undefined
    },
    close() {
      shell?.kill()
    },
  }
}
