// Writes web/tokens.css from src/ui/tokens.ts. The result is committed: the Go pages embed it.
import { readFileSync, writeFileSync } from 'node:fs'
import ts from 'typescript'

const source = readFileSync(new URL('../src/ui/tokens.ts', import.meta.url), 'utf8')
const js = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } }).outputText
const { tokensCss } = await import(`data:text/javascript,${encodeURIComponent(js)}`)
writeFileSync(new URL('../tokens.css', import.meta.url), tokensCss())
