/** @file Fails when a package imports upwards, past another package's public surface, or a library it does not declare. */
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';

/** What each package may import, as drawn in ARCHITECTURE.md. */
const mayImport: Record<string, readonly string[]> = {
  contract: [],
  engine: ['contract'],
  models: ['contract', 'engine'],
  feedback: ['contract'],
  reward: ['contract', 'engine', 'models', 'feedback'],
  policy: ['contract', 'engine', 'models', 'feedback', 'reward'],
  store: ['contract', 'feedback'],
  server: ['contract', 'engine', 'models', 'feedback', 'reward', 'policy', 'store'],
  sdk: ['contract'],
  cli: ['contract', 'engine', 'models', 'feedback', 'reward', 'policy', 'store', 'server', 'sdk'],
};

/** `import … from`, `export … from`, `import '…'` at the start of a line, and `import('…')` anywhere. */
const importPattern =
  /^(?:import|export)\s[^;']*?from\s*'([^']+)'|^import\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'/gm;

const faults: string[] = [];
for (const file of globSync('packages/*/src/**/*.ts').sort()) {
  const name = file.split('/')[1]!;
  const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const isTest = /(\.test|\/testing)\.ts$/.test(file);
  const text = readFileSync(file, 'utf8');
  for (const [, ...targets] of text.matchAll(importPattern)) {
    const target = targets.find((found) => found !== undefined);
    if (!target || target.startsWith('node:') || builtinModules.includes(target)) continue;
    if (target.startsWith('.')) {
      const resolved = new URL(target, `file:///${file}`).pathname.slice(1);
      if (!resolved.startsWith(`packages/${name}/`)) faults.push(`${file}: '${target}' leaves its package`);
      continue;
    }
    const [scope, rest] = target.split('/');
    const library = scope!.startsWith('@') ? `${scope}/${rest}` : scope!;
    if (scope === '@plaudit') {
      if (!mayImport[name]?.includes(rest!)) faults.push(`${file}: ${name} may not import ${target}`);
      if (target !== library && target !== `${library}/node`)
        faults.push(`${file}: '${target}' is not a public surface`);
    } else if (
      !manifest.dependencies?.[library] &&
      !(isTest && ['vitest', 'fast-check', 'openai'].includes(library))
    ) {
      faults.push(`${file}: '${library}' is not among ${name}'s dependencies`);
    }
  }
}
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write('imports: every package imports only what it may\n');
}
