import type { Command } from 'commander'
import { write } from '../desk.ts'
import { exits } from '../trouble.ts'
import type { Verb } from '../verb.ts'

/** Writes what a shell runs to complete what can be typed. */
export function completionOf(program: Command): Verb {
  return async ({ words: [shell = ''] }, desk) => {
    const script = scripts[shell]
    if (script === undefined) {
      const why = `these are known: ${Object.keys(scripts).join(', ')}`
      const next = 'nexapod completion bash'
      return { exit: exits.usage, what: `There is no shell ${shell} here.`, why, next }
    }
    await write(desk.stdout, script(wordsBelow(program)))
    return undefined
  }
}

/** What may be typed after which words. */
type Words = ReadonlyMap<string, readonly string[]>

function wordsBelow(command: Command, path = '', found = new Map<string, string[]>()): Words {
  const options = command.options.map(({ long }) => long).filter((long) => typeof long === 'string')
  const verbs = command.commands.map((one) => one.name())
  found.set(path, [...verbs, ...options, '--help'])
  for (const one of command.commands) {
    wordsBelow(one, path === '' ? one.name() : `${path} ${one.name()}`, found)
  }
  return found
}

const scripts: Readonly<Record<string, (words: Words) => string>> = {
  bash: (words) => `_nexapod() {
  local path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  local next=""
  case "$path" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _nexapod nexapod
`,
  zsh: (words) => `#compdef nexapod
_nexapod() {
  local path="" word next=""
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases(words)}
  esac
  compadd -- \${=next}
  _files
}
compdef _nexapod nexapod
`,
  fish: (words) => {
    const lines = [...words].map(([path, next]) => {
      const typed = path === '' ? '' : ` ${path}`
      return `complete -c nexapod -n '__nexapod_at "${typed.trim()}"' -a '${next.join(' ')}'`
    })
    return `function __nexapod_at
  set -l words (string match -v -- '-*' (commandline -opc)[2..-1])
  test "$words" = "$argv[1]"
end
${lines.join('\n')}
`
  },
  powershell: (words) => {
    const lines = [...words].map(([path, next]) => {
      return `    '${path}' = @(${next.map((word) => `'${word}'`).join(', ')})`
    })
    return `Register-ArgumentCompleter -Native -CommandName nexapod -ScriptBlock {
  param($word, $line, $at)
  $next = @{
${lines.join('\n')}
  }
  $typed = $line.ToString().Substring(0, [Math]::Min($at, $line.ToString().Length))
  $before = $typed -split '\\s+' | Select-Object -Skip 1
  if ($word -ne '') { $before = $before | Select-Object -SkipLast 1 }
  $path = ($before | Where-Object { $_ -ne '' -and -not $_.StartsWith('-') }) -join ' '
  $next[$path] | Where-Object { $_ -like "$word*" }
}
`
  },
}

function cases(words: Words): string {
  const lines = [...words].map(([path, next]) => `    "${path}") next="${next.join(' ')}" ;;`)
  return lines.join('\n')
}
