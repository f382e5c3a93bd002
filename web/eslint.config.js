import path from 'node:path'
import hooks from 'eslint-plugin-react-hooks'
import globals from 'globals'
import ts from 'typescript-eslint'

const src = path.join(import.meta.dirname, 'src')

/** The layer a file belongs to: app > features/<name> > ui > api. */
function layer(file) {
  const [top, name] = path.relative(src, file).split(path.sep)
  return top === 'features' ? { top, name } : { top }
}

const rank = { api: 0, ui: 1, features: 2, app: 3 }

/**
 * Features never import each other, and nobody imports upwards: what two features share belongs
 * into ui or api, and what joins them is the shell's business.
 */
const layers = {
  meta: { type: 'problem', schema: [], messages: { sideways: '功能之间不得互相引用：{{from}} → {{to}}', upwards: '不得引用上层：{{from}} → {{to}}' } },
  create(context) {
    const from = layer(context.filename)
    const check = (node) => {
      const spec = node.source?.value
      if (typeof spec !== 'string') return
      const target = spec.startsWith('@/') ? path.join(src, spec.slice(2)) : spec.startsWith('.') ? path.resolve(path.dirname(context.filename), spec) : null
      if (!target) return
      const to = layer(target)
      if (!(from.top in rank) || !(to.top in rank)) return
      if (from.top === 'features' && to.top === 'features' && from.name !== to.name)
        context.report({ node, messageId: 'sideways', data: { from: from.name, to: to.name } })
      if (rank[to.top] > rank[from.top]) context.report({ node, messageId: 'upwards', data: { from: from.top, to: to.top } })
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check, ImportExpression: check }
  },
}

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts'] },
  ...ts.configs.recommendedTypeChecked.map((c) => ({ ...c, files: ['**/*.{ts,tsx}'] })),
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }, globals: globals.browser },
    plugins: { house: { rules: { layers } }, 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      'house/layers': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
    },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
)
