import { serviceOf, ServiceParts } from './service-parts';

/** The directories of programs that a launchd job would not find by itself: Homebrew's. */
const PATH = '/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** Returns the launchd job of a runner, as a property list. */
export function launchdJob({ blueprint, native, folders }: ServiceParts): string {
  const { name, life } = blueprint;
  const environment = { PATH, ...native.environment(blueprint.runner) };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    ...entry('Label', string(serviceOf(name))),
    ...entry('ProgramArguments', ['<array>', ...native.command.map((word) => `  ${string(word)}`), '</array>']),
    ...entry('EnvironmentVariables', [
      '<dict>',
      ...Object.entries(environment).flatMap(([key, value]) => [`  <key>${escaped(key)}</key>`, `  ${string(value)}`]),
      '</dict>',
    ]),
    ...entry('WorkingDirectory', string(folders.state)),
    ...entry('RunAtLoad', '<true/>'),
    ...entry('KeepAlive', '<true/>'),
    ...entry('ThrottleInterval', '<integer>10</integer>'),
    // A job that runs ends before the service stops.
    ...entry('ExitTimeOut', `<integer>${life.graceSeconds}</integer>`),
    ...entry('Umask', '<integer>63</integer>'),
    ...entry('StandardOutPath', string(`${folders.state}/runner.log`)),
    ...entry('StandardErrorPath', string(`${folders.state}/runner.log`)),
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

function entry(key: string, value: string | readonly string[]): string[] {
  return [`  <key>${key}</key>`, ...[value].flat().map((line) => `  ${line}`)];
}

function string(text: string): string {
  return `<string>${escaped(text)}</string>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
