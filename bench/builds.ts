/**
 * Reckons the builds that run at the same time, and prints what docs/scale.md has: `node --import tsx bench/builds.ts`.
 */

/** The average number of builds that run at the same time: what comes in an hour, times how long a build takes. */
export function running(buildsPerHour: number, minutes: number): number {
  return (buildsPerHour * minutes) / 60;
}

/** The number of builds that is exceeded in one of a thousand moments, if pushes come independently of each other (Poisson). */
export function most(average: number): number {
  let [builds, probability] = [0, Math.exp(-average)];
  for (let sum = probability; sum < 0.999; sum += probability) {
    builds += 1;
    probability *= average / builds;
  }
  return builds;
}

/** Returns the rows of the table in docs/scale.md: builds of four minutes. */
export function rows(): string[] {
  return [100, 1_000, 5_000].map((builds) => {
    const average = running(builds, 4);
    return `| ${builds.toLocaleString('en-US')} | ${Math.round(average)} | ${most(average)} |`;
  });
}

if (require.main === module) {
  rows().forEach((row) => console.log(row));
}
