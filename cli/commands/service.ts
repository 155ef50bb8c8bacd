import { join } from 'node:path'

/** What a system is to begin by itself. */
export interface Service {
  /** The program and its arguments, all paths from the root. */
  readonly program: readonly string[]
  /** What its environment says beside what is usual. */
  readonly variables: Readonly<Record<string, string>>
  /** Where it may write what it tells, where the system has no journal. */
  readonly log: string
}

interface Home {
  readonly home: string
  /** Where a system looks for what its owner configured. */
  readonly config: string
  /** What the node keeps. */
  readonly directory: string
}

interface Form {
  text(service: Service): string
  /** Where the system looks for it; or where it is read once. */
  path(home: Home): string
  readonly encoding: 'utf8' | 'utf16le'
  /** What has to be typed for it to run. */
  commands(path: string): readonly string[]
}

/** The systems that a node can be installed on. */
export type System = 'linux' | 'macos' | 'windows'

/** What each system is given. */
export const services: Readonly<Record<System, Form>> = {
  linux: {
    text: unitText,
    path: ({ config }) => join(config, 'systemd', 'user', 'nexapod.service'),
    encoding: 'utf8',
    commands: () => [
      'systemctl --user daemon-reload',
      'systemctl --user enable --now nexapod',
      'loginctl enable-linger, to lend also while you are not logged in',
    ],
  },
  macos: {
    text: plistText,
    path: ({ home }) => join(home, 'Library', 'LaunchAgents', 'org.nexapod.node.plist'),
    encoding: 'utf8',
    commands: (path) => [`launchctl bootstrap gui/$(id -u) '${path}'`],
  },
  windows: {
    text: taskText,
    path: ({ directory }) => join(directory, 'task.xml'),
    encoding: 'utf16le',
    commands: (path) => [
      `schtasks /create /tn NEXAPod /xml "${path}"`,
      'schtasks /run /tn NEXAPod',
    ],
  },
}

/**
 * A unit of systemd for one person. Only what such a unit can have everywhere: namespaces for its
 * files are not allowed to everybody, and V8 writes the code that it runs. Units of work have
 * sandboxes of their own.
 */
function unitText({ program, variables }: Service): string {
  const environment = Object.entries(variables).map(([key, value]) => {
    return `Environment=${quoted(`${key}=${value}`, '%')}\n`
  })
  return `# Written by nexapod node install.
[Unit]
Description=NEXAPod: lends this machine, within the limits of its owner

[Service]
Type=exec
${environment.join('')}ExecStart=${program.map((word) => quoted(word, '%$')).join(' ')}
# Told once, it would finish what it runs, however long; told twice, it gives that back at once.
ExecStop=-/bin/sh -c 'kill -TERM "$$MAINPID"'
KillMode=mixed
TimeoutStopSec=30
Restart=on-failure
RestartSec=60
# It was begun wrong, or nobody has agreed to lend: to begin it again mends neither.
RestartPreventExitStatus=2 4
# Of a unit that took too much memory it knows itself.
OOMPolicy=continue
OOMScoreAdjust=900

Nice=19
CPUSchedulingPolicy=idle
IOSchedulingClass=idle
CPUWeight=1
IOWeight=1

UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap

[Install]
WantedBy=default.target
`
}

/** A word that systemd reads as it is: these signs would stand for something else. */
function quoted(word: string, doubled: string): string {
  const plain = word.replaceAll(/["\\]/g, (sign) => `\\${sign}`).replaceAll('\n', '\\n')
  return `"${plain.replaceAll(/[%$]/g, (sign) => (doubled.includes(sign) ? sign + sign : sign))}"`
}

function plistText({ program, variables, log }: Service): string {
  const strings = program.map((word) => `    <string>${escaped(word)}</string>\n`)
  const entries = Object.entries(variables).map(([key, value]) => {
    return `    <key>${escaped(key)}</key>\n    <string>${escaped(value)}</string>\n`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"
  "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>org.nexapod.node</string>
  <key>ProgramArguments</key>
  <array>
${strings.join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${entries.join('')}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>60</integer>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>LowPriorityIO</key>
  <true/>
  <key>Nice</key>
  <integer>19</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${escaped(log)}</string>
  <key>StandardErrorPath</key>
  <string>${escaped(log)}</string>
</dict>
</plist>
`
}

/** A task of Windows; its limits of time and battery are off, for the node has its own. */
function taskText({ program: [command = '', ...args], variables }: Service): string {
  const sets = Object.entries(variables).map(([key, value]) => `set "${key}=${value}"&& `)
  const line = [command, ...args].map(argument).join(' ')
  const [runs, given] =
    sets.length === 0
      ? [command, args.map(argument).join(' ')]
      : ['cmd.exe', `/d /s /c "${sets.join('')}${line}"`]
  return `\ufeff<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>NEXAPod: lends this machine, within the limits of its owner</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>10</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>60</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escaped(runs)}</Command>
      <Arguments>${escaped(given)}</Arguments>
    </Exec>
  </Actions>
</Task>
`.replaceAll('\n', '\r\n')
}

/** A word as a program of Windows takes its line apart again. */
function argument(word: string): string {
  if (/^[\w.:\\/=-]+$/.test(word)) return word
  return `"${word.replaceAll(/(\\*)("|$)/g, (_, slashes: string, end: string) => {
    return `${slashes}${slashes}${end === '' ? '' : '\\"'}`
  })}"`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
